import type { CompiledApplication } from '../framework/compile/records.js';
import type { Issue } from '../framework/errors/api-error.js';
import type { Exchange } from '../framework/exchange.js';
import { notValid } from '../framework/validation/refuse.js';

/**
 * Parameters converted, objects transformed and checked; 400 with every issue, not only the first. A promise only where
 * an object is checked.
 */
export function validate(_application: CompiledApplication, exchange: Exchange): void | Promise<void> {
  const { operation } = exchange;
  const issues: Issue[] = [];
  const args: unknown[] = [];
  for (const bind of operation.binders) args.push(bind(exchange, issues));
  if (operation.checks.length > 0) return check(exchange, args, issues);
  if (issues.length > 0) throw notValid(issues);
  exchange.args = args;
}

async function check(exchange: Exchange, args: unknown[], issues: Issue[]): Promise<void> {
  const { operation, isText } = exchange;
  for (const { index, plan } of operation.checks) {
    // Only the body can be absent: a required one has been asked for already.
    if (args[index] !== undefined) args[index] = await plan.check(args[index], issues, isText);
  }
  if (issues.length > 0) throw notValid(issues);
  exchange.args = args;
}
