import type { ValidationArguments } from 'class-validator';
import { ValidationUtils } from 'class-validator/cjs/validation/ValidationUtils.js';

type Message = string | ((given: ValidationArguments) => string);

/** The last message of a rule whose text says the same of every value; null before there is one. */
export interface Remembered {
  /** With marks. */
  readonly text: string;
  readonly message: string;
  /** The parameters that are lists, as they were. */
  readonly lists: readonly (readonly unknown[])[];
}

/** What a rule's message is made of, apart from the values that it is about. */
export interface MessageParts {
  /** Whether parameters become text without calling anyone's functions. */
  readonly hasPlainParameters: boolean;
  /** Whether they can't become another text later, but for the items of lists. */
  readonly hasFixedParameters: boolean;
  last: Remembered | null;
}

/**
 * A rule's message with `$constraint1`, `$value`, `$property` and `$target` replaced as class-validator replaces
 * them, which compiles a regular expression for each parameter of each failure, found in the message or not.
 *
 * @throws what the message's own function throws
 */
export function messageOf(message: Message, given: ValidationArguments, parts: MessageParts | null): string {
  const text: unknown = message instanceof Function ? message(given) : message;
  if (parts?.hasPlainParameters && typeof text === 'string' && typeof given.targetName === 'string') {
    return filled(text, given, parts);
  }
  // The library takes texts and functions, each in its way; the function has been called.
  const asked = message instanceof Function ? () => text as string : message;
  return ValidationUtils.replaceMessageSpecialTokens(asked, given);
}

/** In the library's order, since what is put in for one mark may hold another one. */
function filled(text: string, given: ValidationArguments, parts: MessageParts): string {
  const { constraints, value, property, targetName } = given;
  if (parts.last?.text === text && areSame(parts.last.lists, constraints)) return parts.last.message;
  let message = text;
  if (Array.isArray(constraints)) {
    for (const [i, parameter] of constraints.entries()) {
      const mark = `$constraint${i + 1}`;
      if (message.includes(mark)) message = message.replaceAll(mark, textOf(parameter));
    }
  }
  const isSame = parts.hasFixedParameters && !message.includes('$value');
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') {
    message = message.replaceAll('$value', String(value));
  }
  message = message.replaceAll('$property', property).replaceAll('$target', targetName);
  if (isSame) parts.last = { text, message, lists: listsIn(constraints).map((list) => [...list]) };
  return message;
}

function listsIn(parameters: unknown): readonly (readonly unknown[])[] {
  return Array.isArray(parameters) ? parameters.filter((each) => Array.isArray(each)) : [];
}

function areSame(lists: Remembered['lists'], parameters: unknown): boolean {
  if (lists.length === 0) return true;
  const now = listsIn(parameters);
  return lists.every((list, i) => {
    const other = now[i];
    return other?.length === list.length && list.every((item, j) => Object.is(item, other[j]));
  });
}

function textOf(parameter: unknown): string {
  return Array.isArray(parameter) ? parameter.join(', ') : `${parameter}`;
}
