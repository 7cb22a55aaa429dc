import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { Context } from 'koa';
import { checkOptions } from './check-options.js';
import type { Class } from './class.js';
import { MULTIPART_DEFAULTS, type MultipartContext } from './codecs/multipart-limits.js';
import { CodecRegistry } from './codecs/registry.js';
import { compileRoutes } from './compile/compile-application.js';
import type { CompiledApplication } from './compile/records.js';
import { type Container, ContainerError, createContainer } from './container.js';
import { toBytes } from './declare/body.js';
import { type DiscoveredController, discover } from './discover.js';
import { type Finding, finding, formatFinding, StartupError } from './errors/startup-error.js';
import { isConcrete } from './http/media-type.js';
import { readCompression, readCors, readOrigin } from './http-options.js';
import type { ServerSettings } from './http-server.js';
import { RateLimits, readRateLimit } from './load/rate-limits.js';
import { readLoad } from './load/read-load.js';
import { guarded, type Logger } from './logger.js';
import { readAccess } from './model/access-of.js';
import { buildModel } from './model/build-model.js';
import { checkModel } from './model/check-model.js';
import { listRoutes, type RouteInfo } from './model/routes.js';
import type { Limits, RestOptions } from './options.js';
import { readProxy, type TrustedProxies } from './proxy.js';
import { Authentication } from './security/authentication.js';
import { readSecurityHeaders } from './security-headers.js';

/** What {@link assemble} makes of the options. */
export interface Assembly {
  readonly application: CompiledApplication;
  readonly routes: readonly RouteInfo[];
  readonly warnings: readonly Finding[];
  readonly logger: Logger;
  /** Who is believed about where a request comes from: everybody, nobody, or some. */
  readonly proxy: boolean | TrustedProxies;
  readonly server: ServerSettings;
}

type Report = (error: unknown, context: Context, id: string) => void;

/**
 * From options to a compiled application: discover → declare (done by importing) → model → check → construct
 * → compile.
 *
 * @throws StartupError with all findings, where one is an error.
 */
export async function assemble(
  given: RestOptions & { readonly proxy?: unknown },
  report: Report,
): Promise<Assembly> {
  const findings: Finding[] = [];
  const options = checkOptions(given, findings);
  const sources = Array.isArray(options.controllers) ? options.controllers : [options.controllers];
  const load = options.load ?? ((url: string) => import(/* @vite-ignore */ url) as Promise<object>);
  const controllers = await discover(sources, load, findings);
  const codecs = new CodecRegistry(options.codecs);
  const authentication = new Authentication(options.authenticators);
  const access = readAccess(options.access, findings);
  const logger = guarded(options.logger);
  const operations = buildModel(
    controllers.map(({ type }) => type),
    options.prefix ?? '',
    findings,
    access,
  );
  await codecs.load(
    operations.flatMap(({ consumes, produces }) => [...consumes, ...produces.filter(isConcrete)]),
  );
  const { admission, bulkheads, timeouts } = readLoad(options.limits, options, findings);
  findings.push(
    ...checkModel(operations, {
      codecs,
      hasAuthenticators: !authentication.isEmpty,
      resources: new Set(bulkheads.resources.keys()),
    }),
  );
  checkUnknownProperties(options.unknownProperties, findings);
  const limits = readLimits(options.limits, findings);
  const multipart = { ...limits.multipart, directory: readUploads(options.uploads, findings) };
  const compression = readCompression(options.compression, findings);
  const rateLimits = new RateLimits(readRateLimit(options.rateLimit, findings), logger);
  rateLimits.check(operations, findings);
  const origin = readOrigin(options.origin, findings);
  const common = readSecurityHeaders(options.securityHeaders, findings);
  const crossOrigin = readCors(options.cors, findings);
  const proxy = readProxy(given.proxy, findings);
  const container = options.container ?? createContainer();
  const instances = construct(controllers, container, findings);
  if (findings.some(({ severity }) => severity === 'error')) throw new StartupError(findings);
  const routes = compileRoutes(operations, ({ controller }) => instances.get(controller) ?? {}, {
    codecs,
    container: { get: (type) => made(type, container.get(type)) as InstanceType<typeof type> },
    maxBody: limits.body,
    timeout: timeouts.answer,
    bulkheads,
    access,
    size: limits,
    codings: compression?.codings ?? [],
    crossOrigin,
    rateLimits,
    unknownProperties: options.unknownProperties ?? 'strip',
    strictSlash: options.strictSlash ?? false,
  });
  for (const warning of findings) logger.warn({ finding: warning }, formatFinding(warning));
  return {
    application: {
      ...routes,
      admission,
      bulkheads,
      timeout: timeouts.answer,
      bodyTimeout: timeouts.body,
      hasLow: operations.some(({ load }) => load.priority === 'low'),
      hasCritical: operations.some(({ load }) => load.priority === 'critical'),
      rateLimit: rateLimits.application,
      ...common,
      crossOrigin,
      authentication,
      codecs,
      maxDepth: limits.depth,
      maxUrl: limits.url,
      multipart,
      compression,
      origin,
      report,
    },
    routes: listRoutes({ operations }),
    warnings: Object.freeze(findings),
    logger,
    proxy,
    server: { lines: common.headers, maxHeaders: limits.headers, timeouts },
  };
}

/** A container of the user's choice may answer nothing, or a promise. */
function made(type: Class, answer: unknown): object {
  const isThenable = typeof answer === 'object' && answer !== null && 'then' in answer;
  if (typeof answer === 'object' && answer !== null && !isThenable) return answer;
  const what = isThenable ? 'a promise' : answer === null ? 'null' : typeof answer;
  const remedy =
    'let get(Class) return an instance of the class; give controllers as instances if they are made later';
  throw new ContainerError(`the container answers ${what} for ${type.name}`, remedy);
}

interface ReadLimits {
  readonly url: number;
  readonly headers: number | undefined;
  readonly body: number;
  readonly depth: number;
  readonly members: number;
  readonly values: number;
  readonly multipart: Omit<MultipartContext, 'directory'>;
}

function checkUnknownProperties(value: unknown, findings: Finding[]): void {
  if (value === undefined || value === 'strip' || value === 'refuse') return;
  findings.push(
    finding(
      'bad-option',
      'unknownProperties',
      `${String(value)} is none of its values`,
      "give 'strip' or 'refuse'",
    ),
  );
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Absolute, since the working directory may change. */
function readUploads(given: string | undefined, findings: Finding[]): string {
  const path = resolve(given ?? tmpdir());
  if (given === undefined || isDirectory(path)) return path;
  findings.push(finding('bad-option', 'uploads', `${path} is no directory`, 'give one that is there'));
  return path;
}

function readLimits(given: Limits, findings: Finding[]): ReadLimits {
  const count = (name: 'depth' | 'members' | 'values' | 'parts' | 'files', fallback: number): number => {
    const value = given[name] ?? fallback;
    if (
      typeof value === 'number' &&
      value >= 1 &&
      (Number.isInteger(value) || value === Number.POSITIVE_INFINITY)
    )
      return value;
    findings.push(
      finding(
        'bad-option',
        `limits.${name}`,
        `${String(value)} is no limit`,
        'give a whole number from 1 up, or Infinity',
      ),
    );
    return fallback;
  };
  const bytes = <T>(
    name: 'body' | 'fieldBytes' | 'fileBytes' | 'url' | 'headers',
    fallback: T,
  ): number | T => {
    const value = given[name];
    if (value === undefined) return fallback;
    try {
      const size = toBytes(value);
      if (size > 0 || (name !== 'url' && name !== 'headers')) return size;
      throw new RangeError('no request has 0');
    } catch (error) {
      const remedy = "give bytes, or a text such as '2mb'";
      findings.push(finding('bad-option', `limits.${name}`, (error as Error).message, remedy));
      return 0;
    }
  };
  return {
    url: bytes('url', 8 * 1024),
    headers: bytes('headers', undefined),
    body: bytes('body', 1024 ** 2),
    depth: count('depth', 100),
    members: count('members', 1000),
    values: count('values', 50_000),
    multipart: {
      ...MULTIPART_DEFAULTS,
      parts: count('parts', MULTIPART_DEFAULTS.parts),
      files: count('files', MULTIPART_DEFAULTS.files),
      fieldBytes: bytes('fieldBytes', MULTIPART_DEFAULTS.fieldBytes),
      fileBytes: bytes('fileBytes', MULTIPART_DEFAULTS.fileBytes),
    },
  };
}

function construct(
  controllers: readonly DiscoveredController[],
  container: Container,
  findings: Finding[],
): ReadonlyMap<unknown, object> {
  const instances = new Map<unknown, object>();
  for (const { type, instance } of controllers) {
    try {
      instances.set(type, instance ?? made(type, container.get(type)));
    } catch (error) {
      const remedy =
        error instanceof ContainerError
          ? error.remedy
          : 'correct its constructor, or that of what it asks for';
      const cause = error instanceof Error ? error.message : String(error);
      findings.push(finding('not-constructible', type.name, cause, remedy));
    }
  }
  return instances;
}
