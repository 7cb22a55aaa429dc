import { automaticOperation } from '../framework/compile/automatic.js';
import { candidatesOf } from '../framework/compile/candidates.js';
import type { CompiledApplication, CompiledResource } from '../framework/compile/records.js';
import type { Exchange } from '../framework/exchange.js';
import type { CrossOriginPolicy } from '../framework/http/cross-origin.js';
import { Reply } from '../framework/reply.js';
import { tellOrigin } from '../framework/respond/cross-origin.js';

const PREFLIGHT = candidatesOf([automaticOperation('preflight', Reply.noContent(), null)]);

/**
 * What pages of other origins may do (Fetch §3.2), before anybody is asked who they are: a browser sends no credentials
 * with the question whether it may. That is about another method than the one it comes with; who has one that is no
 * such question, and a resource that other origins have no part in, go on.
 */
export function crossOrigin(application: CompiledApplication, exchange: Exchange): void {
  const { candidates, ctx, resource } = exchange;
  const { method, headers } = ctx.req;
  const { origin, 'access-control-request-method': asked } = headers;
  if (method === 'OPTIONS' && resource.hasCrossOrigin && origin !== undefined && asked !== undefined) {
    exchange.isOriginTold = true;
    exchange.candidates = PREFLIGHT;
    const policy = resource.verbs.get(asked)?.crossOrigin ?? anyPolicy(resource);
    const methods = methodsOf(resource, asked);
    exchange.lastLines(policy?.preflight(origin, methods, headers['access-control-request-headers']) ?? []);
  } else if (candidates.crossOrigin !== null || application.crossOrigin !== null) {
    tellOrigin(application, exchange);
  }
}

/** A browser keeps the whole list: there is no method in it that the origin may not use. */
function methodsOf(resource: CompiledResource, asked: string): string | null {
  const policy = resource.verbs.get(asked)?.crossOrigin ?? null;
  if (policy === null) return null;
  const fits = (verb: string): boolean => resource.verbs.get(verb)?.crossOrigin === policy;
  return resource.allow.split(', ').filter(fits).join(', ');
}

/** That the answer depends on the question is said by each. */
function anyPolicy({ verbs }: CompiledResource): CrossOriginPolicy | null {
  return [...verbs.values()].find((each) => each.crossOrigin !== null)?.crossOrigin ?? null;
}
