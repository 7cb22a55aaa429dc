import type { Readable } from 'node:stream';
import { ApiError, FrameworkError } from '../errors/api-error.js';

// RFC 2046 §5.1.1: 1 to 70 of these characters, no space at the end.
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;
const CRLF = Buffer.from('\r\n');
const BLANK_LINE = Buffer.from('\r\n\r\n');
const CLOSE = Buffer.from('--');
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/**
 * A multipart body (RFC 2046 §5.1.1) in the order it arrives: the header block of a part, then its content in
 * pieces. It reads as much as it is asked for and holds one chunk of its source.
 *
 * @throws FrameworkError `malformed-body` where the framing is, `content-too-large` for a header block over the
 * limit; errors of the source's own come through as they are.
 */
export class MultipartParser {
  readonly #source: AsyncIterator<Buffer>;
  readonly #delimiter: Buffer;
  readonly #headerBytes: number;
  /** The first delimiter may stand at the very start, where no line ended: this CRLF stands in for it. */
  #buffer: Buffer = CRLF;
  /** Whether what comes is content, or the preamble; else it is what follows a boundary. */
  #isContent = true;
  /** Whether the line break of the blank line is still there. */
  #isStart = false;
  #isClosed = false;

  constructor(source: Readable, boundary: string | undefined, headerBytes: number) {
    if (boundary === undefined || !BOUNDARY.test(boundary)) {
      throw new FrameworkError('malformed-body', 'The Content-Type has no valid boundary');
    }
    // Left before its end, the source must live on: its connection is to carry the answer.
    this.#source = source.iterator({ destroyOnReturn: false });
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    this.#headerBytes = headerBytes;
  }

  /** The next part's header block, without its blank line; null after the last part, with the source at its end. */
  async next(): Promise<Buffer | null> {
    // The preamble, or what nobody read of the part before.
    for (let rest = await this.read(); rest !== null; rest = await this.read());
    if (this.#isClosed) return null;
    await this.#hold(2);
    if (this.#buffer.subarray(0, 2).equals(CLOSE)) {
      this.#drop(2);
      await this.#end();
      return null;
    }
    await this.#padding();
    await this.#hold(2);
    if (!this.#buffer.subarray(0, 2).equals(CRLF)) throw malformed();
    const block = await this.#block();
    this.#isContent = true;
    this.#isStart = true;
    return block;
  }

  /** The next piece of the part's content, never an empty one; null at its end. */
  async read(): Promise<Buffer | null> {
    if (!this.#isContent) return null;
    if (this.#isStart) await this.#start();
    for (;;) {
      const at = this.#buffer.indexOf(this.#delimiter);
      if (at === 0) {
        this.#drop(this.#delimiter.length);
        this.#isContent = false;
        return null;
      }
      const size = at === -1 ? this.#certain() : at;
      if (size > 0) {
        const piece = this.#buffer.subarray(0, size);
        this.#drop(size);
        return piece;
      }
      await this.#fill();
    }
  }

  /** Lets go of the source, and doesn't destroy it. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  /** How much is content for certain: a boundary has one carriage return, so it can begin at the last one only. */
  #certain(): number {
    const { length } = this.#buffer;
    const at = this.#buffer.lastIndexOf(CARRIAGE_RETURN);
    return at === -1 || length - at >= this.#delimiter.length ? length : at;
  }

  /** A part without content may leave out its line break: the blank line's is then the boundary's too. */
  async #start(): Promise<void> {
    const { length } = this.#delimiter;
    while (
      this.#buffer.length < length &&
      this.#buffer.equals(this.#delimiter.subarray(0, this.#buffer.length))
    )
      await this.#fill();
    if (!this.#buffer.subarray(0, length).equals(this.#delimiter)) this.#drop(CRLF.length);
    this.#isStart = false;
  }

  /** From the CRLF of the boundary's line to the blank line. */
  async #block(): Promise<Buffer> {
    let from = 0;
    let at = this.#buffer.indexOf(BLANK_LINE);
    while (at === -1) {
      if (this.#buffer.length > this.#headerBytes + BLANK_LINE.length) throw this.#tooLarge();
      from = Math.max(0, this.#buffer.length - BLANK_LINE.length + 1);
      await this.#fill();
      at = this.#buffer.indexOf(BLANK_LINE, from);
    }
    if (at - CRLF.length > this.#headerBytes) throw this.#tooLarge();
    // A boundary among the headers: the part was cut off, and its lines and the next part's would be one block.
    if (this.#buffer.subarray(0, at).includes(this.#delimiter)) throw malformed();
    const block = this.#buffer.subarray(CRLF.length, Math.max(CRLF.length, at));
    this.#drop(at + CRLF.length);
    return block;
  }

  /** After the closing boundary comes an epilogue, which is read and ignored so that the source's end is seen. */
  async #end(): Promise<void> {
    this.#isClosed = true;
    await this.#padding();
    while (this.#buffer.length < 2 && (await this.#more()));
    if (this.#buffer.length > 0 && !this.#buffer.subarray(0, 2).equals(CRLF)) throw malformed();
    do this.#buffer = NOTHING;
    while (await this.#more());
  }

  /** RFC 2046 §5.1.1: receivers must be able to handle white space after a boundary. */
  async #padding(): Promise<void> {
    do {
      let size = 0;
      while (this.#buffer[size] === SPACE || this.#buffer[size] === TAB) size++;
      this.#drop(size);
    } while (this.#buffer.length === 0 && (await this.#more()));
  }

  #drop(size: number): void {
    this.#buffer = this.#buffer.subarray(size);
  }

  async #hold(size: number): Promise<void> {
    while (this.#buffer.length < size) await this.#fill();
  }

  async #fill(): Promise<void> {
    if (!(await this.#more())) {
      throw new FrameworkError('malformed-body', 'The multipart body ends before its closing boundary');
    }
  }

  async #more(): Promise<boolean> {
    let next: IteratorResult<Buffer, unknown>;
    try {
      next = await this.#source.next();
    } catch (error) {
      throw isBrokenOff(error)
        ? new FrameworkError('malformed-body', 'The body broke off before its end')
        : error;
    }
    if (next.done === true) return false;
    this.#buffer = this.#buffer.length === 0 ? next.value : Buffer.concat([this.#buffer, next.value]);
    return true;
  }

  #tooLarge(): FrameworkError {
    const message = `The headers of a part may have at most ${this.#headerBytes} bytes`;
    return new FrameworkError('content-too-large', message);
  }
}

const NOTHING = Buffer.alloc(0);

function malformed(): FrameworkError {
  return new FrameworkError('malformed-body', 'The multipart body has a malformed boundary line');
}

const BROKEN: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

function isBrokenOff(error: unknown): boolean {
  return !(error instanceof ApiError) && error instanceof Error && 'code' in error && BROKEN.has(error.code);
}
