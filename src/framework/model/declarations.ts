import { type Class, lineage } from '../class.js';
import { type MethodRecord, readRecord, storage } from '../declare/record.js';

type Storage = ReturnType<typeof storage>;
export type ControllerArgs = Storage['controllers'][number];
export type ActionArgs = Storage['actions'][number];
export type ParamArgs = Storage['params'][number];
export type HandlerArgs = Storage['responseHandlers'][number];

/** A method that overrides one of `base` with decorators that leave out what makes it answer. */
export interface HalfOverridden {
  readonly method: string;
  readonly base: Class;
  readonly lacks: 'verb' | 'path';
}

/**
 * The declarations of both vocabularies, by class. The storage of routing-controllers is one list for the
 * whole process; it is sorted once here, so that reading a class is not linear in the number of all others.
 */
export class Declarations {
  readonly #controllers = by<ControllerArgs>(storage().controllers, (args) => args.target);
  readonly #actions = by<ActionArgs>(storage().actions, (args) => args.target);
  readonly #params = by<ParamArgs>(storage().params, (args) => (args.object as object).constructor);
  readonly #handlers = by<HandlerArgs>(storage().responseHandlers, (args) => args.target);
  readonly #uses = by(storage().uses, (args) => args.target);
  readonly #interceptors = by(storage().useInterceptors, (args) => args.target);

  /** The path of a root resource class, or undefined where the class is none. */
  controller(type: Class): ControllerArgs | undefined {
    return this.#controllers.get(type)?.at(-1);
  }

  /** The verbs of a class and its ancestors: of each method those of the class that declares it. */
  actions(type: Class): readonly ActionArgs[] {
    return lineage(type).flatMap((ancestor) => {
      const own = this.#actions.get(ancestor) ?? [];
      return own.filter(({ method }) => this.#declarer(type, method) === ancestor);
    });
  }

  /** The sub-resource locators of a class and its ancestors: methods with a path and no verb (Jakarta REST §3.4.1). */
  locators(type: Class): readonly string[] {
    return methodsOf(type).filter((method) => this.#isLocator(this.#declarer(type, method), method));
  }

  /**
   * Methods with decorators that override one with a verb, or a locator, and lack the verb or the path: those of
   * the overridden one are ignored with the rest.
   */
  halfOverridden(type: Class): readonly HalfOverridden[] {
    const verbs = lineage(type).flatMap((each) => (this.#actions.get(each) ?? []).map((a) => a.method));
    return [...new Set([...verbs, ...methodsOf(type)])].flatMap((method): readonly HalfOverridden[] => {
      const declarer = this.#declarer(type, method);
      if (this.#hasVerb(declarer, method)) return [];
      const answering = lineage(type).find((each) => this.#hasVerb(each, method));
      if (answering !== undefined) return [{ method, base: answering, lacks: 'verb' }];
      if (this.#isLocator(declarer, method)) return [];
      const locating = lineage(type).find((each) => this.#isLocator(each, method));
      return locating === undefined ? [] : [{ method, base: locating, lacks: 'path' }];
    });
  }

  /** Methods with decorators that neither have a verb or a path nor override one that has: nobody can call them. */
  unserved(type: Class): readonly string[] {
    const classes = lineage(type);
    const named = classes.flatMap((each) =>
      [this.#params, this.#handlers, this.#uses, this.#interceptors].flatMap((declared) =>
        (declared.get(each) ?? []).flatMap(({ method }) => (typeof method === 'string' ? [method] : [])),
      ),
    );
    const answers = (method: string): boolean =>
      classes.some((each) => this.#hasVerb(each, method) || this.#isLocator(each, method));
    return [...new Set([...methodsOf(type), ...named])].filter((method) => !answers(method));
  }

  /** Whether a class declares anything itself of its methods or of who may call them, whatever its ancestors do. */
  declaresAnything(type: Class): boolean {
    return (
      readRecord(type) !== null ||
      [this.#actions, this.#params, this.#handlers, this.#uses].some((declared) => declared.has(type))
    );
  }

  /** The parameters of a method. */
  params(type: Class, method: string): readonly ParamArgs[] {
    return (this.#params.get(this.#declarer(type, method)) ?? []).filter((args) => args.method === method);
  }

  /** Our record of a method. */
  record(type: Class, method: string): MethodRecord | null {
    return readRecord(this.#declarer(type, method))?.methods.get(method) ?? null;
  }

  /** What routing-controllers' `@HttpCode`, `@Authorized`, `@ContentType`, … left for a method or class. */
  handlers(type: Class, method: string | undefined): readonly HandlerArgs[] {
    const target = method === undefined ? type : this.#declarer(type, method);
    return (this.#handlers.get(target) ?? []).filter((args) => args.method === method);
  }

  /** The names of middleware and interceptors that routing-controllers' decorators put on a class or method. */
  uses(type: Class, method: string): readonly string[] {
    const on = (args: { method?: string }): boolean => args.method === undefined || args.method === method;
    return lineage(type).flatMap((ancestor) => [
      ...(this.#uses.get(ancestor) ?? [])
        .filter(on)
        .map((use) => (use.afterAction ? '@UseAfter' : '@UseBefore')),
      ...(this.#interceptors.get(ancestor) ?? []).filter(on).map(() => '@UseInterceptor'),
    ]);
  }

  #hasVerb(type: Class, method: string): boolean {
    return this.#actions.get(type)?.some((action) => action.method === method) === true;
  }

  #isLocator(type: Class, method: string): boolean {
    return readRecord(type)?.methods.get(method)?.path !== undefined && !this.#hasVerb(type, method);
  }

  /**
   * The class whose declarations of a method hold: the nearest one with any. Jakarta REST 4.0 §3.6: where an
   * overriding method has an annotation, all those of the overridden one are ignored. Were each inherited by
   * itself, a decorator on the override could hide the one that says who may come in.
   */
  #declarer(type: Class, method: string): Class {
    const declares = (ancestor: Class): boolean =>
      readRecord(ancestor)?.methods.has(method) === true ||
      [this.#actions, this.#params, this.#handlers].some((declared) =>
        declared.get(ancestor)?.some((args) => args.method === method),
      );
    return lineage(type).find(declares) ?? type;
  }
}

/** The methods that have a record of ours. */
function methodsOf(type: Class): readonly string[] {
  return [...new Set(lineage(type).flatMap((each) => [...(readRecord(each)?.methods.keys() ?? [])]))];
}

function by<T>(list: readonly T[], key: (item: T) => unknown): Map<unknown, T[]> {
  const map = new Map<unknown, T[]>();
  for (const item of list) {
    const found = map.get(key(item));
    if (found === undefined) map.set(key(item), [item]);
    else found.push(item);
  }
  return map;
}
