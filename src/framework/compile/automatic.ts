import type { CrossOriginPolicy } from '../http/cross-origin.js';
import type { Reply } from '../reply.js';
import type { CompiledOperation } from './records.js';

/** An operation that nobody declared: the same answer for everybody, without credentials. */
export function automaticOperation(
  name: string,
  answer: Reply,
  crossOrigin: CrossOriginPolicy | null,
): CompiledOperation {
  return Object.freeze({
    name,
    verb: 'OPTIONS',
    access: { kind: 'permit' } as const,
    needsPrincipal: false,
    takesPrincipal: false,
    rules: null,
    crossOrigin,
    body: null,
    produces: [],
    producesDeclared: false,
    binders: [],
    checks: [],
    call: () => answer,
    status: null,
    headers: null,
    languages: [],
    caching: { cacheControl: null, etag: null, lastModified: null, requirePrecondition: false },
    rateLimit: null,
    bulkheads: [],
    timeout: Number.POSITIVE_INFINITY,
    priority: 'normal',
    isDirect: false,
    takesPreconditions: false,
    tagSuffixes: [''],
    languageSuffix: () => '',
  });
}
