import { isLanguageTag } from '../http/language.js';
import { declaredOn, storage } from './record.js';

/**
 * The media types that a method, or every method of a class, reads; another one is answered 415.
 * Without it: JSON for a class, text or JSON for a string, bytes for a Buffer, a form where there are form parameters.
 *
 * @example
 * ```ts
 * import { Body, Consumes, Path, POST } from 'koanatomy';
 *
 * @Path('/notes')
 * export class NoteController {
 *   @POST @Consumes('text/plain')
 *   write(@Body() text: string) {
 *     return { length: text.length };
 *   }
 * }
 * ```
 */
export function Consumes(...mediaTypes: string[]): ClassDecorator & MethodDecorator {
  return (target: object, method?: string | symbol) => {
    declaredOn(target, method).consumes = mediaTypes;
  };
}

/**
 * The media types that a method, or every method of a class, can answer in, the preferred one first;
 * `qs` weights it (`text/plain; qs=0.5`). A client that accepts none of them is answered 406.
 * Without it: JSON, text or JSON where the method's return type is `string`, bytes where it is `Buffer`. A wildcard
 * leaves the type to the value: a Reply's, a file's, a Blob's, else bytes, or plain text under `text/`.
 */
export function Produces(...mediaTypes: string[]): ClassDecorator & MethodDecorator {
  return (target: object, method?: string | symbol) => {
    declaredOn(target, method).produces = mediaTypes;
  };
}

/**
 * The languages that a method, or every method of a class, can answer in, the preferred one first (BCP 47).
 * The one that fits `Accept-Language` best is `@Context('language')`, and goes out as `Content-Language`; a
 * client that likes none of them gets the first one (RFC 9110 §12.5.4 lets a server do so).
 *
 * @throws RangeError where something is no language tag.
 * @example
 * ```ts
 * import { Context, GET, Languages, Path } from 'koanatomy';
 *
 * @Path('/greeting')
 * export class GreetingController {
 *   @GET @Languages('en', 'de')
 *   greet(@Context('language') language: string) {
 *     return language === 'de' ? 'Guten Tag' : 'Good day';
 *   }
 * }
 * ```
 */
export function Languages(...tags: string[]): ClassDecorator & MethodDecorator {
  const wrong = tags.find((tag) => typeof tag !== 'string' || !isLanguageTag(tag));
  if (tags.length === 0) throw new RangeError('@Languages takes at least one language tag, such as "de-CH"');
  if (wrong !== undefined || tags.includes(undefined as never)) {
    throw new RangeError(`@Languages takes language tags such as "de-CH", not ${JSON.stringify(wrong)}`);
  }
  return (target: object, method?: string | symbol) => {
    declaredOn(target, method).languages = tags;
  };
}

/**
 * The status of a successful answer, in place of 200 (204 where nothing is returned).
 *
 * @throws RangeError, which names the method, where it is no success or redirection (200 to 399).
 */
export function Status(status: number): MethodDecorator {
  return (target, method) => {
    if (!Number.isInteger(status) || status < 200 || status > 399) {
      const where = nameOf(target, method);
      throw new RangeError(`@Status of ${where} takes a status from 200 to 399, not ${String(status)}`);
    }
    storage().responseHandlers.push({
      type: 'success-code',
      target: target.constructor,
      method: String(method),
      value: status,
    });
  };
}

/** `Class.method`, or the class alone, of what a decorator is applied to. */
export function nameOf(target: object, method: string | symbol | undefined): string {
  const type: unknown = typeof target === 'function' ? target : target.constructor;
  const name = typeof type === 'function' ? type.name : '';
  return method === undefined ? name : `${name}.${String(method)}`;
}
