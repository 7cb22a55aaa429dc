import { FrameworkError, type Issue } from '../framework/errors/api-error.js';
import type { Exchange } from '../framework/exchange.js';

/** So that a small request doesn't make a large answer. */
const MOST_ISSUES = 100;

/** Parameters converted, objects transformed and checked; 400 with every issue, not only the first. */
export async function validate(exchange: Exchange): Promise<void> {
  const { operation } = exchange;
  const issues: Issue[] = [];
  const args: unknown[] = [];
  for (const bind of operation.binders) args.push(bind(exchange, issues));
  for (const { index, plan } of operation.checks) {
    // Only the body can be absent: a required one has been asked for already.
    if (args[index] !== undefined) args[index] = await plan.check(args[index], issues);
  }
  if (issues.length > 0) {
    const count = issues.length === 1 ? '1 value is' : `${issues.length} values are`;
    const which = issues.length > MOST_ISSUES ? `, of the first ${MOST_ISSUES},` : '';
    const message = `${count} not valid; "errors" says${which} which and why`;
    throw new FrameworkError('validation-failed', message, {}, issues.slice(0, MOST_ISSUES));
  }
  exchange.args = args;
}
