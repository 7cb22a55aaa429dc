import type { CompiledApplication } from '../framework/compile/records.js';
import { FrameworkError } from '../framework/errors/api-error.js';
import type { Exchange } from '../framework/exchange.js';
import { toPrincipal } from '../framework/security/authenticator.js';

/**
 * Credentials → principal, or 401 with each scheme's challenge (RFC 9110 §11.6.1). Only where the operation
 * asks for one, or takes one where there is one. All candidates ask for the same: startup has checked it.
 */
export async function authenticate(application: CompiledApplication, exchange: Exchange): Promise<void> {
  const { candidates, ctx } = exchange;
  // A locator on the way may have asked already.
  if (exchange.principal !== null) return;
  const needed = candidates.some((operation) => operation.needsPrincipal);
  if (!needed && !candidates.some((operation) => operation.takesPrincipal)) return;
  const header = ctx.req.headers.authorization;
  if (header === undefined) {
    if (needed) throw unauthenticated(application, 'This resource asks for credentials');
    return;
  }
  const space = header.indexOf(' ');
  const scheme = (space === -1 ? header : header.slice(0, space)).toLowerCase();
  const credentials = space === -1 ? '' : header.slice(space + 1).trim();
  for (const authenticator of application.authenticators) {
    if (authenticator.scheme.toLowerCase() !== scheme) continue;
    exchange.principal = toPrincipal(await authenticator.authenticate(credentials));
    if (exchange.principal !== null) return;
  }
  throw unauthenticated(application, 'The credentials are not valid');
}

function unauthenticated({ authenticators }: CompiledApplication, message: string): FrameworkError {
  return new FrameworkError('unauthenticated', message, {
    headers: {
      'WWW-Authenticate': [...new Set(authenticators.map((authenticator) => authenticator.challenge))],
    },
  });
}
