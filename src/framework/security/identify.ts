import { FrameworkError } from '../errors/api-error.js';
import { type Authenticator, toPrincipal } from './authenticator.js';
import type { Principal } from './principal.js';

/**
 * Credentials → principal, through the authenticator of their scheme; null without credentials.
 *
 * @param header the Authorization field (RFC 9110 §11.6.2)
 * @throws FrameworkError 401 where they are not valid.
 */
export async function identify(
  authenticators: readonly Authenticator[],
  header: string | undefined,
): Promise<Principal | null> {
  if (header === undefined) return null;
  const space = header.indexOf(' ');
  const scheme = (space === -1 ? header : header.slice(0, space)).toLowerCase();
  const credentials = space === -1 ? '' : header.slice(space + 1).trim();
  for (const authenticator of authenticators) {
    if (authenticator.scheme.toLowerCase() !== scheme) continue;
    const principal = toPrincipal(await authenticator.authenticate(credentials));
    if (principal !== null) return principal;
  }
  throw unauthenticated(authenticators, 'The credentials are not valid');
}

/** The 401, with each scheme's challenge (RFC 9110 §11.6.1). */
export function unauthenticated(authenticators: readonly Authenticator[], message: string): FrameworkError {
  return new FrameworkError('unauthenticated', message, {
    headers: {
      'WWW-Authenticate': [...new Set(authenticators.map((authenticator) => authenticator.challenge))],
    },
  });
}
