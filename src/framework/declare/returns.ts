import type { ClassTransformOptions } from 'class-transformer';
import { type Class, isClass } from '../class.js';
import { nameOf } from './media.js';
import { methodRecord, refuseStandard } from './record.js';

/**
 * What a method returns: objects of a class, or with `[Type]` a list of them. They are written by class-transformer's
 * decorators of that class (`@Expose`, `@Exclude`, `@Transform`, `@Type`), as `instanceToPlain` does it, and compiled: JSON
 * is written in one walk, without a plain copy. Objects that are no instances, such as rows of a database, are written by
 * the same decorators.
 *
 * Without it, a method whose return type is a class with such decorators is treated so, where TypeScript emits the type
 * (not `Promise<Type>`, and not `Type[]`); otherwise each object is written by its own class.
 *
 * @param options class-transformer's, such as `{ groups: ['admin'] }` and `{ version: 2 }`
 * @throws TypeError, which names the method, where the type is no class, as one of a module that is still being loaded.
 * @example
 * ```ts
 * import { Exclude } from 'class-transformer';
 * import { GET, Path, Returns } from 'koanatomy';
 *
 * export class User {
 *   name!: string;
 *   @Exclude() password!: string;
 * }
 *
 * @Path('/users')
 * export class UserController {
 *   @GET @Returns([User])
 *   async all() {
 *     return [{ name: 'ann', password: 'is never sent' }];
 *   }
 * }
 * ```
 */
export function Returns(
  type: Class | readonly [Class],
  options: ClassTransformOptions = {},
): MethodDecorator {
  return (target: object, method: string | symbol) => {
    refuseStandard(method);
    const [of, ...more]: readonly unknown[] = Array.isArray(type) ? type : [type];
    if (!isClass(of) || more.length > 0) {
      throw new TypeError(
        `@Returns of ${nameOf(target, method)}: give a class, or a list of one; a class that its module has not made yet is undefined`,
      );
    }
    methodRecord(target, String(method)).returns = { type: of, options };
  };
}
