import { stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Class, isClass } from './class.js';
import { storage } from './declare/record.js';
import { type Finding, finding } from './errors/startup-error.js';
import { Declarations } from './model/declarations.js';
import { isReached, reachable } from './model/locators.js';

/**
 * Where controllers are: a directory, a glob or a file (a path, relative to the working directory, or a
 * `file:` URL), a class, or an instance that is made already.
 */
export type ControllerSource = string | URL | Class | object;

/** Imports a module by its URL. */
export type ModuleLoader = (url: string) => Promise<object>;

/** A controller class, and its instance where one was given. */
export interface DiscoveredController {
  readonly type: Class;
  readonly instance: object | null;
}

const EXTENSIONS = 'js,mjs,cjs,ts,mts,cts';
const IGNORED = [
  '**/*.d.{ts,mts,cts}',
  '**/*.{test,spec,bench}.*',
  '**/{__tests__,__mocks__,node_modules}/**',
];

/** Finds the controllers of all sources; what could not be found or imported goes to `findings`. */
export async function discover(
  sources: readonly ControllerSource[],
  load: ModuleLoader,
  findings: Finding[],
): Promise<readonly DiscoveredController[]> {
  const found = new Map<Class, DiscoveredController>();
  const add = (controller: DiscoveredController): void => {
    if (!found.has(controller.type)) found.set(controller.type, controller);
  };
  const served = new Set<unknown>();
  const idle: Idle[] = [];
  if (sources.length === 0)
    findings.push(finding('no-controllers', 'createApp', 'no controllers are given', GIVE));
  for (const source of sources) {
    if (typeof source === 'string' || source instanceof URL) {
      for (const type of await fromFiles(source, load, idle, findings)) add({ type, instance: null });
    } else if (isClass(source)) add({ type: source, instance: null });
    else if (typeof source === 'object' && source !== null && source.constructor !== Object) {
      add({ type: source.constructor as Class, instance: source });
    } else if (source === undefined) {
      findings.push(finding('no-controllers', 'createApp', '`controllers` is missing', GIVE));
    } else
      findings.push(finding('not-a-controller', 'createApp', `${describe(source)} is no controller`, GIVE));
  }
  for (const { target } of storage().controllers) served.add(target);
  for (const { type } of found.values()) {
    if (served.has(type)) continue;
    const remedy = "decorate the class with @Path('/...'); a root resource has one (Jakarta REST 4.0 §3.1)";
    findings.push(
      finding('not-a-controller', type.name || 'a class without a name', 'it has no @Path', remedy),
    );
  }
  const controllers = [...found.values()].filter(({ type }) => served.has(type));
  warnOfIdle(
    idle,
    controllers.map(({ type }) => type),
    findings,
  );
  return controllers;
}

/** A class that no path leads to, unless a locator returns it. */
interface Idle {
  readonly type: Class;
  /** The file that exports it without a path; null where it has one and no file exports it. */
  readonly file: string | null;
}

/** After all files, since the locator may stand in a later one. */
function warnOfIdle(idle: readonly Idle[], controllers: readonly Class[], findings: Finding[]): void {
  if (idle.length === 0) return;
  const found = reachable(controllers, new Declarations());
  for (const { type, file } of idle) {
    if (isReached(found, type)) continue;
    if (file === null) {
      const remedy = 'export it, or take its @Path away';
      findings.push(finding('not-served', type.name, 'it has @Path, and no file here exports it', remedy));
    } else if (!found.isOpen) {
      const remedy = "decorate it with @Path('/...') if it is a root resource";
      findings.push(finding('not-served', `${type.name} (${file})`, 'it has verbs, but no @Path', remedy));
    }
  }
}

const GIVE = 'give a directory, a glob, a class with @Path, or an instance of one';

function describe(source: unknown): string {
  return typeof source === 'object' && source !== null ? 'a plain object' : String(source);
}

async function fromFiles(
  source: string | URL,
  load: ModuleLoader,
  idle: Idle[],
  findings: Finding[],
): Promise<readonly Class[]> {
  const where = String(source);
  const files = await filesOf(source);
  if (files === null) {
    findings.push(finding('no-controllers', where, 'there is no such file or directory', GIVE));
    return [];
  }
  if (files.length === 0) {
    const remedy = `put a file with a class that has @Path there (${EXTENSIONS.replaceAll(',', ', ')}; no tests, no .d.ts)`;
    findings.push(finding('no-controllers', where, 'no file there can be a controller', remedy));
    return [];
  }
  let failed = false;
  const types: Class[] = [];
  const before = storage().controllers.length;
  for (const file of files) {
    try {
      types.push(...controllersIn(await load(pathToFileURL(file).href), file, idle));
    } catch (error) {
      failed = true;
      findings.push(importFailed(file, error));
    }
  }
  const hidden = storage()
    .controllers.slice(before)
    .map(({ target }) => target as Class);
  idle.push(...hidden.filter((each) => !types.includes(each)).map((type) => ({ type, file: null })));
  if (types.length === 0 && !failed) {
    const remedy = "decorate a class with @Path('/...') and export it";
    findings.push(finding('no-controllers', where, 'no file there exports a class with @Path', remedy));
  }
  return types;
}

/** The files of a directory, a glob or a path, sorted; null where there is nothing of that name. */
async function filesOf(source: string | URL): Promise<readonly string[] | null> {
  const isUrl = source instanceof URL || source.startsWith('file:');
  const path = isUrl ? fileURLToPath(source) : source;
  const absolute = resolve(path);
  const stats = await stat(absolute).catch(() => null);
  if (stats?.isFile()) return [absolute];
  // Applications that name their classes need no search.
  const { glob, isDynamicPattern } = await import('tinyglobby');
  if (stats === null && (isUrl || !isDynamicPattern(path))) return null;
  const options = { absolute: true, dot: false, ignore: IGNORED, onlyFiles: true } as const;
  const files = stats?.isDirectory()
    ? await glob(`**/*.{${EXTENSIONS}}`, { ...options, cwd: absolute })
    : await glob(path, { ...options, cwd: process.cwd() });
  const modules = files.filter((file) => EXTENSIONS.split(',').includes(extname(file).slice(1)));
  return withoutSources(modules.map((file) => resolve(file))).sort();
}

/** Of `a.ts` and the `a.js` that was compiled from it beside it, the compiled one is imported. */
function withoutSources(files: readonly string[]): string[] {
  const all = new Set(files);
  return files.filter((file) => !all.has(file.replace(/\.([mc]?)ts$/, '.$1js')) || !/\.[mc]?ts$/.test(file));
}

function controllersIn(module: object, file: string, idle: Idle[]): readonly Class[] {
  const exported = Object.values(module).filter(isClass);
  const { controllers, actions } = storage();
  const served = new Set<unknown>(controllers.map((controller) => controller.target));
  const verbs = new Set<unknown>(actions.map((action) => action.target));
  idle.push(
    ...exported.filter((each) => verbs.has(each) && !served.has(each)).map((type) => ({ type, file })),
  );
  return exported.filter((type) => served.has(type));
}

function importFailed(file: string, error: unknown): Finding {
  const cause = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const isSource =
    code === 'ERR_UNKNOWN_FILE_EXTENSION' || (error instanceof SyntaxError && /ts$/.test(extname(file)));
  const remedy = isSource
    ? 'compile it first (tsc) and name the directory of the compiled files; in vitest, name the classes or give { load: (url) => import(url) }'
    : `correct ${dirname(file) === '.' ? 'the file' : file}, or move it out of the directory`;
  return finding('import-failed', file, cause, remedy);
}
