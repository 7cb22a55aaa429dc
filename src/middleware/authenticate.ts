import type { CompiledApplication } from '../framework/compile/records.js';
import type { Exchange } from '../framework/exchange.js';
import type { Authentication } from '../framework/security/authentication.js';

/**
 * Credentials → principal, or 401 with each scheme's challenge (RFC 9110 §11.6.1). Only where the operation
 * asks for one, or takes one where there is one. All candidates ask for the same: startup has checked it.
 */
export function authenticate(
  { authentication }: CompiledApplication,
  exchange: Exchange,
): void | Promise<void> {
  const { candidates } = exchange;
  // A locator on the way may have asked already.
  if (exchange.principal !== null) return;
  if (!candidates.needsPrincipal && !candidates.takesPrincipal) return;
  return admit(authentication, exchange, candidates.needsPrincipal);
}

async function admit(authentication: Authentication, exchange: Exchange, needed: boolean): Promise<void> {
  exchange.principal = await authentication.identify(exchange.ctx);
  if (needed && exchange.principal === null) {
    throw authentication.required('This resource asks for credentials');
  }
}
