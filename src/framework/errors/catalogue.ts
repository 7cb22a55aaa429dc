/**
 * Every problem that the framework itself reports, by its code.
 *
 * The code is the last part of a problem document's `type`; docs/errors.md explains each one, and a test
 * holds the two together.
 */
export const PROBLEMS = {
  'bad-request': { status: 400, title: 'Bad request' },
  'malformed-path': { status: 400, title: 'The path is not well formed' },
  'malformed-body': { status: 400, title: 'The body is not well formed' },
  'missing-body': { status: 400, title: 'A body is required' },
  'validation-failed': { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Authentication is required' },
  forbidden: { status: 403, title: 'Access is denied' },
  'not-found': { status: 404, title: 'There is no such resource' },
  'method-not-allowed': { status: 405, title: 'The resource does not allow this method' },
  'not-acceptable': { status: 406, title: 'No acceptable representation' },
  'request-timeout': { status: 408, title: 'The request took too long' },
  'patch-conflict': { status: 409, title: 'The patch does not fit the resource' },
  'precondition-failed': { status: 412, title: 'A precondition does not hold' },
  'content-too-large': { status: 413, title: 'The body is too large' },
  'uri-too-long': { status: 414, title: 'The request target is too long' },
  'unsupported-media-type': { status: 415, title: 'The body has an unsupported format' },
  'range-not-satisfiable': { status: 416, title: 'None of the ranges can be satisfied' },
  'expectation-failed': { status: 417, title: 'The expectation can not be met' },
  'precondition-required': { status: 428, title: 'The request must be conditional' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The header section is too large' },
  'internal-error': { status: 500, title: 'Internal server error' },
  'not-implemented': { status: 501, title: 'The server does not know this method or coding' },
  'timed-out': { status: 504, title: 'The answer took too long' },
  'authentication-unavailable': { status: 503, title: 'Credentials can not be checked' },
  overloaded: { status: 503, title: 'The server is at its limit' },
} as const satisfies Record<string, { status: number; title: string }>;

/** The code of a problem that the framework reports. */
export type ProblemCode = keyof typeof PROBLEMS;

/**
 * Every finding of the check at startup, by its code, with the severity it has.
 *
 * An `error` keeps the application from starting, a `warning` is printed. docs/errors.md explains each one.
 */
export const FINDINGS = {
  'no-controllers': 'error',
  'import-failed': 'error',
  'not-a-controller': 'error',
  'not-constructible': 'error',
  'duplicate-route': 'error',
  'malformed-path-template': 'error',
  'unknown-method': 'error',
  'unknown-path-variable': 'error',
  'unbound-path-variable': 'warning',
  'unbound-parameter': 'error',
  'type-not-emitted': 'error',
  'type-not-convertible': 'error',
  'type-unclear': 'warning',
  'bad-default': 'error',
  'two-bodies': 'error',
  'body-not-allowed': 'error',
  'body-without-rules': 'warning',
  'missing-type': 'warning',
  'malformed-media-type': 'error',
  'no-codec': 'error',
  'mixed-access': 'error',
  'no-authenticator': 'error',
  'nobody-allowed': 'warning',
  'no-principal': 'warning',
  'unknown-resource': 'error',
  'not-supported': 'error',
  'no-verb': 'error',
  'verb-missing': 'warning',
  'half-overridden': 'error',
  'not-a-resource': 'error',
  'patch-without-get': 'error',
  'patch-not-applied': 'warning',
  'patch-on-other-verb': 'warning',
  'no-validators': 'warning',
  'tag-not-sent': 'warning',
  'mixed-limits': 'error',
  'bad-option': 'error',
  'bad-cross-origin': 'error',
  'mixed-cross-origin': 'error',
  'not-served': 'warning',
} as const satisfies Record<string, 'error' | 'warning'>;

/** The code of a finding of the check at startup. */
export type FindingCode = keyof typeof FINDINGS;
