import type { Codec } from './codec.js';
import { Heartbeats } from './heartbeats.js';
import { writeJson } from './json.js';

/**
 * One event of a `text/event-stream`, WHATWG HTML §9.2.5.
 *
 * What is yielded counts as one where it is a plain object (no instance of a class) with own keys that are all
 * among these, and one of them another than `id`. Anything else is data: `{ id: 7 }`, `{ id: 7, name: 'x' }`.
 * Data that has only such keys itself is sent as `{ data: … }`.
 */
export interface ServerSentEvent {
  /** A text as it is, each of its lines a `data` line; any other value as JSON. Undefined is the empty text. */
  readonly data?: unknown;
  /** The event's type, without line breaks; clients take `message` where there is none. */
  readonly event?: string;
  /** What a client that connects again sends as Last-Event-ID: without NUL and line breaks; '' resets it. */
  readonly id?: string | number;
  /** After how many milliseconds clients connect again: an integer. */
  readonly retry?: number;
  /** Lines that clients ignore. */
  readonly comment?: string;
}

/** How an event stream is sent. */
export interface EventStreamOptions {
  /** After how many milliseconds of silence an empty comment is sent; 0 for none. */
  readonly heartbeat: number;
}

/** Some proxies close what is silent; WHATWG HTML §9.2.7 advises a comment every 15 seconds or so. */
const HEARTBEAT = 15_000;

/**
 * Server-Sent Events (`text/event-stream`, WHATWG HTML §9.2), for responses. An async iterable is sent item by
 * item with a heartbeat each 15 seconds of silence; an array at once, and any other value as the one event.
 */
export const eventStreamCodec: Codec = {
  mediaTypes: ['text/event-stream'],
  write: (value) => Array.from(Array.isArray(value) ? value : [value], writeEvent).join(''),
  writeItems: (items) =>
    items instanceof EventStream ? items : eventStream(items, { heartbeat: HEARTBEAT }),
};

const FIELDS: ReadonlySet<string> = new Set(['data', 'event', 'id', 'retry', 'comment']);

/** Instances of classes are data: what `@Exclude()` hides in one of them must not be read as a field. */
function isEvent(item: unknown): item is ServerSentEvent {
  if (typeof item !== 'object' || item === null) return false;
  const prototype: unknown = Object.getPrototypeOf(item);
  if (prototype !== Object.prototype && prototype !== null) return false;
  const keys = Object.keys(item);
  return keys.every((key) => FIELDS.has(key)) && keys.some((key) => key !== 'id');
}

const LINE_BREAK = /\r\n|\r|\n/;

/** @throws TypeError for a field that would end its line early or that clients would ignore. */
function writeEvent(item: unknown): string {
  const fields: ServerSentEvent = isEvent(item) ? item : { data: item ?? null };
  const { data, event, id, retry, comment } = fields;
  let text = '';
  if (comment !== undefined) text += lines('', oneOf('comment', comment));
  if (event !== undefined) text += `event: ${single('event', event)}\n`;
  if (id !== undefined) {
    const value = single('id', typeof id === 'number' ? String(id) : id);
    // §9.2.6 has clients ignore such an id, and they would go on from the one before.
    if (value.includes('\0')) throw new TypeError('the id of an event may not contain NUL');
    text += `id: ${value}\n`;
  }
  if (retry !== undefined) {
    if (!Number.isSafeInteger(retry) || retry < 0) {
      throw new TypeError('the retry of an event must be a number of milliseconds, an integer');
    }
    text += `retry: ${retry}\n`;
  }
  // §9.2.6 has clients drop an event without data: one that has a type is meant to arrive.
  if (Object.hasOwn(fields, 'data') || event !== undefined) {
    text += lines('data', typeof data === 'string' ? data : data === undefined ? '' : writeJson(data));
  }
  return `${text}\n`;
}

/** A text's lines, each as the field: any of the three line breaks would end the field, or forge another. */
function lines(name: string, text: string): string {
  return text
    .split(LINE_BREAK)
    .map((line) => `${name}: ${line}\n`)
    .join('');
}

function oneOf(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`the ${name} of an event must be a text`);
  return value;
}

function single(name: string, value: unknown): string {
  const text = oneOf(name, value);
  if (LINE_BREAK.test(text)) throw new TypeError(`the ${name} of an event may not contain line breaks`);
  return text;
}

/** What `setTimeout` takes; above it fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Items as the text of an event stream, an event each ({@link ServerSentEvent}), with a comment whenever the next
 * one takes longer than the heartbeat. The codec sends what this returns as it is, for a heartbeat of one's own.
 *
 * A reader that leaves is heard at once: `return()` is passed on to the items' iterator though its `next()` may
 * be pending, and doesn't wait for that. (An async generator itself hears of it at its next `yield`; what must
 * stop sooner is an iterator with a `return` of its own, or is told by a signal.)
 *
 * @throws RangeError for a heartbeat that is no integer of milliseconds from 0 to 2^31 - 1.
 */
export function eventStream(
  items: AsyncIterable<unknown>,
  { heartbeat }: EventStreamOptions,
): AsyncIterable<string> {
  if (!Number.isInteger(heartbeat) || heartbeat < 0 || heartbeat > LONGEST_TIMER) {
    throw new RangeError(`a heartbeat takes milliseconds from 0 to ${LONGEST_TIMER}, not ${heartbeat}`);
  }
  return new EventStream(items, heartbeat);
}

class EventStream implements AsyncIterable<string> {
  readonly #items: AsyncIterable<unknown>;
  readonly #heartbeat: number;

  constructor(items: AsyncIterable<unknown>, heartbeat: number) {
    this.#items = items;
    this.#heartbeat = heartbeat;
  }

  [Symbol.asyncIterator](): AsyncIterator<string, undefined> {
    return new Heartbeats(this.#items[Symbol.asyncIterator](), writeEvent, this.#heartbeat);
  }
}
