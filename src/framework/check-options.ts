import type { Codec } from './codecs/codec.js';
import { type Finding, finding } from './errors/startup-error.js';
import { isConcrete, parseMediaType } from './http/media-type.js';
import { type Logger, noLog, standardError } from './logger.js';
import { nearestOf } from './nearest.js';
import type { Limits, RestOptions, Timeouts } from './options.js';
import type { Authenticator } from './security/authenticator.js';

/** Each option's name; the compiler sees that none is forgotten. Koa's own three are createApp's. */
const OPTIONS = names<keyof RestOptions | 'proxy' | 'keys' | 'env'>({
  controllers: true,
  prefix: true,
  container: true,
  authenticators: true,
  access: true,
  codecs: true,
  logger: true,
  unknownProperties: true,
  strictSlash: true,
  limits: true,
  timeouts: true,
  resources: true,
  rateLimit: true,
  uploads: true,
  compression: true,
  origin: true,
  securityHeaders: true,
  cors: true,
  load: true,
  proxy: true,
  keys: true,
  env: true,
});

const LIMITS = names<keyof Limits>({
  inFlight: true,
  slow: true,
  delay: true,
  heap: true,
  url: true,
  headers: true,
  body: true,
  depth: true,
  members: true,
  values: true,
  parts: true,
  files: true,
  fieldBytes: true,
  fileBytes: true,
});

const TIMEOUTS = names<keyof Timeouts>({
  answer: true,
  headers: true,
  body: true,
  request: true,
  keepAlive: true,
});

function names<Name extends string>(all: Readonly<Record<Name, true>>): readonly string[] {
  return Object.keys(all);
}

/** Options that are what their types say; what is not is left out, as if it had not been given. */
export type CheckedOptions = Omit<
  RestOptions,
  'logger' | 'codecs' | 'authenticators' | 'limits' | 'timeouts' | 'resources'
> & {
  readonly logger: Logger;
  readonly codecs: readonly Codec[];
  readonly authenticators: readonly Authenticator[];
  readonly limits: Limits;
  readonly timeouts: Timeouts;
  readonly resources: NonNullable<RestOptions['resources']>;
};

/**
 * Holds the options against their types, since they may come from JSON or JavaScript. An unknown name is an error
 * too: a misspelt limit would hold nothing back, and nobody would see it.
 */
export function checkOptions(options: RestOptions, findings: Finding[]): CheckedOptions {
  checkNames(options, OPTIONS, '', findings);
  const is = (name: keyof RestOptions, fits: (value: unknown) => boolean, what: string): boolean => {
    const value: unknown = options[name];
    if (value === undefined || fits(value)) return true;
    findings.push(bad(name, `${kindOf(value)} is none of its values`, `give ${what}`));
    return false;
  };
  const isText = is('prefix', (value) => typeof value === 'string', "a path, such as '/api'");
  const isContainer = is('container', (value) => has(value, 'get'), 'an object with a function get(Class)');
  const isLoader = is('load', (value) => typeof value === 'function', 'a function that imports a module');
  const isFlag = is('strictSlash', (value) => typeof value === 'boolean', 'true or false');
  const isFolder = is('uploads', (value) => typeof value === 'string', 'the path of a directory');
  const { prefix, container, load, strictSlash, uploads, ...rest } = options;
  return {
    ...rest,
    ...(isText && prefix !== undefined ? { prefix } : null),
    ...(isContainer && container !== undefined ? { container } : null),
    ...(isLoader && load !== undefined ? { load } : null),
    ...(isFlag && strictSlash !== undefined ? { strictSlash } : null),
    ...(isFolder && uploads !== undefined ? { uploads } : null),
    logger: loggerOf(options.logger, findings),
    codecs: listOf<Codec>('codecs', options.codecs, codecFault, findings),
    authenticators: listOf('authenticators', options.authenticators, authenticatorFault, findings),
    limits: setOf<Limits>('limits', options.limits, LIMITS, "{ body: '2mb' }", findings),
    timeouts: setOf<Timeouts>('timeouts', options.timeouts, TIMEOUTS, "{ answer: '10s' }", findings),
    resources: setOf<NonNullable<RestOptions['resources']>>(
      'resources',
      options.resources,
      null,
      '{ database: { max: 10 } }',
      findings,
    ),
  };
}

function bad(where: string, message: string, remedy: string): Finding {
  return finding('bad-option', where, message, remedy);
}

function loggerOf(given: unknown, findings: Finding[]): Logger {
  if (given === undefined) return standardError;
  if (given === false) return noLog;
  const lacking = (['info', 'warn', 'error'] as const).filter((name) => !has(given, name));
  if (lacking.length === 0) return given as Logger;
  const message = isObject(given)
    ? `it has no function ${lacking.join(', ')}`
    : `${kindOf(given)} is no logger`;
  findings.push(bad('logger', message, 'give an object with the functions info, warn and error, or false'));
  return standardError;
}

/** An object of options; `known` are their names, where only those are known. */
function setOf<T extends object>(
  name: string,
  given: unknown,
  known: readonly string[] | null,
  example: string,
  findings: Finding[],
): T | Record<string, never> {
  if (given === undefined) return {};
  if (isObject(given) && !Array.isArray(given) && typeof given !== 'function') {
    if (known !== null) checkNames(given, known, `${name}.`, findings);
    return given as T;
  }
  findings.push(bad(name, `${kindOf(given)} is no set of ${name}`, `give an object, such as ${example}`));
  return {};
}

/** The items that have no fault; each other one is a finding. */
function listOf<T extends object>(
  name: string,
  given: unknown,
  faultOf: (item: object) => string | null,
  findings: Finding[],
): readonly T[] {
  if (given === undefined) return [];
  const remedy = `give a list of objects, as the type of ${name} says`;
  if (!Array.isArray(given)) {
    findings.push(bad(name, `${kindOf(given)} is no list`, remedy));
    return [];
  }
  return Array.from(given as readonly unknown[]).flatMap((item, index) => {
    const fault = isObject(item) ? faultOf(item) : `${kindOf(item)} is no object`;
    if (fault === null) return [item as T];
    findings.push(bad(`${name}[${index}]`, fault, remedy));
    return [];
  });
}

const METHODS_OF_CODECS = ['read', 'readStream', 'write', 'writeItems'] as const;

function codecFault(codec: object): string | null {
  const { mediaTypes, suffix } = codec as { mediaTypes?: unknown; suffix?: unknown };
  if (!Array.isArray(mediaTypes) || mediaTypes.length === 0) return 'its mediaTypes are no list of texts';
  const wrong = Array.from(mediaTypes as readonly unknown[]).find((each) => !isPlainType(each));
  if (wrong !== undefined || mediaTypes.includes(undefined)) {
    const shown = typeof wrong === 'string' ? JSON.stringify(wrong) : kindOf(wrong);
    return `among its mediaTypes, ${shown} is no type/subtype without parameters and wildcards`;
  }
  if (suffix !== undefined && !(typeof suffix === 'string' && /^\+[^+\s/;,]+$/.test(suffix)))
    return 'its suffix is none, such as "+json"';
  const given = METHODS_OF_CODECS.filter((name) => Reflect.get(codec, name) !== undefined);
  const unfit = given.find((name) => !has(codec, name));
  if (unfit !== undefined) return `its ${unfit} is no function`;
  return given.length === 0 ? `it has none of ${METHODS_OF_CODECS.join(', ')}` : null;
}

/** As the registry looks it up: nothing else would ever be found. */
function isPlainType(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  const type = parseMediaType(text);
  return type !== null && isConcrete(type) && `${type.type}/${type.subtype}` === text.toLowerCase();
}

/** RFC 9110 §5.6.2 */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function authenticatorFault(authenticator: object): string | null {
  const { scheme, challenge } = authenticator as { scheme?: unknown; challenge?: unknown };
  if (typeof scheme !== 'string' || !TOKEN.test(scheme))
    return 'its scheme is no name such as Bearer (RFC 9110 §11.1)';
  // It goes into a header as it is.
  if (typeof challenge !== 'string' || !/^[\t\x20-\x7e]+$/.test(challenge))
    return 'its challenge is no text that a WWW-Authenticate can have';
  const { header, credentialsOf, refusal } = authenticator as Partial<Record<keyof Authenticator, unknown>>;
  if (header !== undefined && (typeof header !== 'string' || !TOKEN.test(header)))
    return 'its header is no name of a field';
  if (credentialsOf !== undefined && (typeof credentialsOf !== 'function' || header !== undefined))
    return 'its credentialsOf is no function, or it has a header besides';
  if (refusal !== undefined && !isObject(refusal)) return 'its refusal is no object';
  return has(authenticator, 'authenticate') ? null : 'it has no function authenticate';
}

/** Finds names that are none of the known ones. */
export function checkNames(given: object, known: readonly string[], at: string, findings: Finding[]): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || known.includes(name)) continue;
    const remedy = `did you mean ${nearestOf(name, known)}? There are ${known.join(', ')}`;
    findings.push(bad(`${at}${name}`, 'there is no option of this name', remedy));
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function has(value: unknown, method: string): boolean {
  return isObject(value) && typeof Reflect.get(value, method) === 'function';
}

/** What a value is, in a few words. */
export function kindOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
