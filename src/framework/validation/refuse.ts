import { FrameworkError, type Issue } from '../errors/api-error.js';

/** So that a small request doesn't make a large answer. */
const MOST_ISSUES = 100;

/** The 400 of a request that is not valid, with every issue. */
export function notValid(issues: readonly Issue[]): FrameworkError {
  const count = issues.length === 1 ? '1 value is' : `${issues.length} values are`;
  const which = issues.length > MOST_ISSUES ? `, of the first ${MOST_ISSUES},` : '';
  const message = `${count} not valid; "errors" says${which} which and why`;
  return new FrameworkError('validation-failed', message, {}, issues.slice(0, MOST_ISSUES));
}
