import { type Class, isClass } from './class.js';
import { emittedTypes, storage } from './declare/record.js';
import { NOT_EMITTED_REMEDY } from './model/scalar-type.js';

/**
 * Makes or finds the instance of a class. Any container with such a method will do, such as typedi's
 * `Container`, or `{ get: (type) => container.resolve(type) }` around tsyringe's.
 */
export interface Container {
  get<T extends object>(type: Class<T>): T;
}

/** A class that couldn't be made; the message says why and what to do. */
export class ContainerError extends Error {
  override readonly name = 'ContainerError';

  constructor(
    message: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * The default container: one instance a class, made when it is first asked for, its constructor's parameters
 * found by their types.
 *
 * @param bindings instances for classes, such as a connection that was opened already
 * @throws ContainerError from `get`, where a parameter's type is unknown or classes need one another.
 * @example
 * ```ts
 * import { createApp, createContainer } from 'koanatomy';
 *
 * class Settings {
 *   constructor(readonly greeting: string) {}
 * }
 *
 * const container = createContainer([[Settings, new Settings('hello')]]);
 * const app = await createApp({ controllers: 'src/controllers', container });
 * ```
 */
export function createContainer(bindings: Iterable<readonly [Class, object]> = []): Container {
  const instances = new Map<Class, object>(bindings);
  const making: Class[] = [];

  function get(type: Class): object {
    const found = instances.get(type);
    if (found !== undefined) return found;
    if (making.includes(type)) {
      const circle = [...making.slice(making.indexOf(type)), type].map((each) => each.name).join(' → ');
      throw new ContainerError(`${circle} need one another`, 'move what they share into a class of its own');
    }
    making.push(type);
    try {
      const made = make(type);
      instances.set(type, made);
      return made;
    } finally {
      making.pop();
    }
  }

  function make(type: Class): object {
    const types = typesOf(type);
    const args = types.map((parameter, index) => {
      if (isClass(parameter) && !BUILT_IN.has(parameter)) return get(parameter);
      // `length` counts the parameters before the first one that has a default.
      if (index >= type.length) return undefined;
      const name = isClass(parameter) ? parameter.name : String(parameter);
      throw new ContainerError(
        `parameter ${index + 1} of ${type.name}'s constructor has the type ${name}, which names no class to make`,
        'give it a class as its type (no interface, no import type), or bind an instance: createContainer([[Class, instance]])',
      );
    });
    const Type = type as unknown as new (...args: unknown[]) => object;
    return new Type(...args);
  }

  return { get: get as Container['get'] };
}

const BUILT_IN: ReadonlySet<unknown> = new Set<unknown>([
  String,
  Number,
  Boolean,
  Object,
  Array,
  Function,
  Promise,
  Date,
]);

function typesOf(type: Class): readonly unknown[] {
  const types = emittedTypes(type);
  if (types !== null) return types;
  if (type.length === 0) {
    // A class without a constructor of its own is made with its parent's parameters.
    const parent: unknown = Object.getPrototypeOf(type);
    const inherits =
      isClass(parent) && !/(?<![.\w$])constructor\s*\(/.test(Function.prototype.toString.call(type));
    return inherits ? typesOf(parent) : [];
  }
  const many =
    type.length === 1
      ? '1 constructor parameter, whose type was'
      : `${type.length} constructor parameters, whose types were`;
  // A controller is decorated: what is missing there is the option that makes TypeScript emit types.
  const isDecorated = storage().controllers.some(({ target }) => target === type);
  throw new ContainerError(
    `${type.name} takes ${many} not emitted`,
    isDecorated
      ? NOT_EMITTED_REMEDY
      : `decorate ${type.name} with @Injectable(), or bind an instance: createContainer([[${type.name}, instance]])`,
  );
}
