import type { Issue } from '../errors/api-error.js';
import type { ContentFacts } from '../validation/value-plan.js';
import type { CheckedArgument } from './records.js';

/**
 * Checks the arguments that are objects, one after the other, each replaced by what the check made of it. A promise only
 * where one had to be waited for.
 */
export function checkArguments(
  checks: readonly CheckedArgument[],
  args: unknown[],
  issues: Issue[],
  facts?: ContentFacts,
  first = 0,
): void | Promise<void> {
  for (let i = first; i < checks.length; i++) {
    const { index, plan } = checks[i] as CheckedArgument;
    const given = args[index];
    // Only the body can be absent: a required one has been asked for already.
    if (given === undefined) continue;
    const checked = plan.check(given, issues, facts);
    if (checked instanceof Promise) {
      return checked.then((value) => {
        args[index] = value;
        return checkArguments(checks, args, issues, facts, i + 1);
      });
    }
    args[index] = checked;
  }
}
