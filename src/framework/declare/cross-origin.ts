import type { CrossOriginOptions } from '../http/cross-origin.js';
import { declaredOn } from './record.js';

/**
 * Which pages of other origins may call a method, or the methods of a class, from a browser (CORS). The nearest word
 * counts, and counts whole: a method's, its class's, that of the application's option `cors`. `false` is nobody.
 *
 * The browser's question beforehand, the preflight, is answered without calling anything and without credentials. What
 * is wrong with the options is found at startup (`bad-cross-origin`).
 *
 * @example
 * ```ts
 * import { CrossOrigin, DELETE, GET, Path, PathParam } from 'koanatomy';
 *
 * @Path('/notes')
 * @CrossOrigin({ origins: ['https://app.example.com', /https:\/\/[a-z0-9-]+\.preview\.example\.com/], maxAge: 600 })
 * export class NoteController {
 *   @GET
 *   list() {
 *     return [];
 *   }
 *
 *   @DELETE('/{id}') @CrossOrigin(false)
 *   remove(@PathParam('id') id: number) {
 *     console.log('removed', id);
 *   }
 * }
 * ```
 */
export function CrossOrigin(options: CrossOriginOptions | false): ClassDecorator & MethodDecorator {
  return (target: object, method?: string | symbol) => {
    declaredOn(target, method).crossOrigin = options;
  };
}
