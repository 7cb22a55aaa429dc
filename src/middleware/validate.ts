import { checkArguments } from '../framework/compile/check-arguments.js';
import type { CompiledApplication } from '../framework/compile/records.js';
import type { Issue } from '../framework/errors/api-error.js';
import type { Exchange } from '../framework/exchange.js';

/**
 * Parameters converted, objects transformed and checked; every issue goes to the exchange, not only the first. A promise
 * only where something in an object is asynchronous.
 */
export function validate(_application: CompiledApplication, exchange: Exchange): void | Promise<void> {
  const { operation } = exchange;
  const issues: Issue[] = [];
  const args: unknown[] = [];
  for (const bind of operation.binders) args.push(bind(exchange, issues));
  const checking = checkArguments(operation.checks, args, issues, exchange);
  if (checking !== undefined) return checking.then(() => finish(exchange, args, issues));
  finish(exchange, args, issues);
}

function finish(exchange: Exchange, args: readonly unknown[], issues: readonly Issue[]): void {
  if (issues.length > 0) exchange.issues = issues;
  exchange.args = args;
}
