import { FrameworkError, type Issue } from '../errors/api-error.js';
import { type Failure, frameworkFailure } from '../errors/failure.js';

/** So that a small request doesn't make a large answer. */
const MOST_ISSUES = 100;

/** The 400 of a request that is not valid, with every issue. */
export function notValid(issues: readonly Issue[]): FrameworkError {
  return new FrameworkError('validation-failed', messageOf(issues), {}, issues.slice(0, MOST_ISSUES));
}

/** What is sent for {@link notValid}, for where nobody would see the error. */
export function notValidFailure(issues: readonly Issue[], id: string): Failure {
  return frameworkFailure('validation-failed', messageOf(issues), id, issues.slice(0, MOST_ISSUES));
}

function messageOf({ length }: readonly Issue[]): string {
  const count = length === 1 ? '1 value is' : `${length} values are`;
  const which = length > MOST_ISSUES ? `, of the first ${MOST_ISSUES},` : '';
  return `${count} not valid; "errors" says${which} which and why`;
}
