/** What may be in a quoted string (RFC 9110 §5.6.4) besides what goes into a header as it is. */
const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * A challenge for `WWW-Authenticate` (RFC 9110 §11.6.1): a scheme and its parameters.
 *
 * @throws TypeError where a value has characters that a header can't have.
 */
export function challengeOf(scheme: string, parameters: Readonly<Record<string, string>>): string {
  return withParameters(scheme, parameters, ' ');
}

/** A challenge that says more, such as what was wrong with the credentials (RFC 6750 §3). */
export function extendChallenge(challenge: string, parameters: Readonly<Record<string, string>>): string {
  return withParameters(challenge, parameters, challenge.includes(' ') ? ', ' : ' ');
}

function withParameters(start: string, parameters: Readonly<Record<string, string>>, first: string): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}=${quote(name, value)}`);
  return pairs.length === 0 ? start : start + first + pairs.join(', ');
}

function quote(name: string, value: string): string {
  if (!PRINTABLE.test(value)) throw new TypeError(`a ${name} takes printable ASCII characters`);
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
