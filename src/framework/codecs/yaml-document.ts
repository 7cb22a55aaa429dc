import { Composer, type Document, Lexer, Parser } from 'yaml';
import { FrameworkError } from '../errors/api-error.js';
import { checkDepth } from './value-builder.js';

/**
 * The most tokens of a text: about 30,000 values, or 400 KiB as people write. The parser takes 1 to 3 µs for each
 * of them, so a MiB of line breaks would keep the event loop to itself for seconds.
 */
const MOST_TOKENS = 250_000;

/** YAML 1.2.2 §5.1. The parser has control characters among its own tokens, so they must not be the client's. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f]/;

/** YAML 1.2.2 §6.8.1: a document that says 1.1 is read by the rules of 1.2. */
const VERSION = /^%YAML[ \t]+1\.[12][ \t]*$/;

type Root = Document.Parsed['contents'];

/**
 * A YAML text of one document → its root node (YAML 1.2.2, core schema, keys as the texts that they are written
 * as). Neither equal keys nor aliases have been looked at.
 *
 * @throws FrameworkError `malformed-body` for what isn't YAML, for several documents, for tags and directives
 *   besides the core schema's, and where collections nest deeper than `maxDepth`; `content-too-large` for too
 *   many tokens. The messages have the line and nothing of the text.
 */
export function parseDocument(source: string, maxDepth: number): Root {
  // YAML 1.2.2 §5.4: three ways to break a line, of which the parser knows two.
  const text = source.replace(/\r\n?/g, '\n');
  const control = text.search(CONTROL);
  if (control !== -1) throw malformed(text, control);
  const composer = new StrictComposer(text);
  const parser = new Parser();
  let tokens = 0;
  for (const lexeme of new Lexer().lex(text)) {
    tokens++;
    if (tokens > MOST_TOKENS) {
      throw new FrameworkError('content-too-large', `The body has more than ${MOST_TOKENS} YAML tokens`);
    }
    composer.take(parser.next(lexeme));
    // What is open is the document, collections, and one scalar. The composer would recurse as deep.
    checkDepth(parser.stack.length - 3, maxDepth);
  }
  composer.take(parser.end());
  return composer.root();
}

type Tokens = ReturnType<Parser['end']>;

/** The library's composer, which gives up at the first fault. */
class StrictComposer extends Composer {
  readonly #text: string;
  #fault: FrameworkError | null = null;
  #documents = 0;
  #directives = 0;

  constructor(text: string) {
    super({
      version: '1.2',
      schema: 'core',
      merge: false,
      resolveKnownTags: false,
      stringKeys: true,
      // It compares each key with all before it; and it would take 1 and '1' for different ones.
      uniqueKeys: false,
      prettyErrors: false,
    });
    this.#text = text;
    // It would collect all faults, and an error with its stack costs 5 µs: a text can have one in every byte.
    // Warnings are faults too: there is nobody to be warned.
    Object.assign(this, { onError: (place: unknown, code: string) => this.#giveUp(place, code) });
  }

  take(tokens: Tokens): void {
    for (const token of tokens) {
      if (token.type === 'error') this.#giveUp(token, token.type);
      if (token.type === 'directive') {
        this.#directives++;
        // A %TAG could only name the core schema's tags anew.
        if (this.#directives > 1 || !VERSION.test(token.source)) this.#giveUp(token, token.type);
      }
      if (token.type === 'document') {
        this.#documents++;
        if (this.#documents > 1) {
          throw new FrameworkError('malformed-body', 'The body has more than one YAML document');
        }
      }
      Array.from(this.next(token));
    }
  }

  root(): Root {
    const [document] = this.end();
    if (document === undefined) throw new FrameworkError('malformed-body', 'The body has no YAML document');
    const [fault] = [...document.errors, ...document.warnings];
    if (fault !== undefined) this.#giveUp(fault.pos, fault.code);
    return document.contents;
  }

  /** The first fault counts: where this is thrown through it, the library reports it as another one. */
  #giveUp(place: unknown, code: string): never {
    this.#fault ??= malformed(this.#text, offsetOf(place), code);
    throw this.#fault;
  }
}

function malformed(text: string, offset: number, code = ''): FrameworkError {
  let line = 1;
  for (let i = text.indexOf('\n'); i !== -1 && i < offset; i = text.indexOf('\n', i + 1)) line++;
  const what =
    code === 'TAG_RESOLVE_FAILED'
      ? 'The body has a tag that is not of the YAML core schema, or on the wrong value'
      : 'The body is not valid YAML';
  return new FrameworkError('malformed-body', `${what} (line ${line})`);
}

/** Where the library says that a fault is: an offset, a range, or a token. */
function offsetOf(place: unknown): number {
  if (Array.isArray(place)) return offsetOf(place[0]);
  if (typeof place === 'object' && place !== null && 'offset' in place) return offsetOf(place.offset);
  return typeof place === 'number' ? place : 0;
}
