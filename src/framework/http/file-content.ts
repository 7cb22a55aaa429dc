import { type FileHandle, stat as lookAt, open, realpath } from 'node:fs/promises';
import { basename, extname, isAbsolute, relative, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { contentType as typeOf } from 'mime-types';
import { FrameworkError } from '../errors/api-error.js';
import type { ByteSource } from './byte-source.js';
import type { EntityTag } from './entity-tag.js';

/** Options of {@link Reply.file}. */
export interface FileOptions {
  /** The directory that the file must be in; the path is taken from there. */
  readonly root?: string;
  /** The media type. Default: by the name's extension. */
  readonly type?: string;
  /** Offers it for download under this name (`Content-Disposition: attachment`, RFC 6266). */
  readonly downloadAs?: string;
}

/** A file as content; opened when it is sent. */
export class FileContent {
  constructor(
    readonly path: string,
    readonly options: FileOptions,
  ) {}

  /** The media type by the option or the extension. */
  get contentType(): string {
    return this.options.type ?? (typeOf(extname(this.path)) || 'application/octet-stream');
  }

  /**
   * Opens it; the source has to be closed, or read to the end.
   *
   * @throws FrameworkError 404 where there is no such file, or it isn't below `root`.
   */
  async open(): Promise<ByteSource & { readonly etag: EntityTag; readonly lastModified: Date }> {
    const path = await this.#resolved().catch(missingOr);
    if (path === null) throw missing();
    // A pipe would keep a thread waiting in `open` until somebody writes to it.
    if (!(await lookAt(path).catch(missingOr)).isFile()) throw missing();
    const file = await open(path, 'r').catch(missingOr);
    const stat = await file.stat();
    if (!stat.isFile()) {
      await file.close();
      throw missing();
    }
    const { size, mtime, mtimeMs } = stat;
    return {
      length: size,
      whole: null,
      // As nginx makes it: no reading, and another one where the file was written again.
      etag: { value: `${size.toString(16)}-${Math.trunc(mtimeMs).toString(16)}`, weak: false },
      lastModified: mtime,
      read: (start, end) => Readable.from(bytesOf(file, start, end), { objectMode: false }),
      close: () => file.close().catch(() => undefined),
    };
  }

  /** The path, or null where it leads out of the root or to something hidden, or has a NUL. */
  async #resolved(): Promise<string | null> {
    const { root } = this.options;
    if (this.path.includes('\0') || /[/\\]$/.test(this.path)) return null;
    if (root === undefined) return resolve(this.path);
    const inside = resolve(root, this.path);
    if (!isBelow(resolve(root), inside)) return null;
    // Where symbolic links lead is looked at too; the root itself may be one.
    const [realRoot, real] = await Promise.all([realpath(root), realpath(inside)]);
    return isBelow(realRoot, real) ? real : null;
  }
}

/** Below a directory, and nothing hidden on the way: `..` is among what starts with a dot. */
function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return !isAbsolute(way) && !way.split(sep).some((segment) => segment.startsWith('.'));
}

const MISSING: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'ELOOP']);

function missingOr(error: NodeJS.ErrnoException): never {
  throw MISSING.has(error.code) ? missing() : error;
}

function missing(): FrameworkError {
  return new FrameworkError('not-found', 'There is no such file');
}

const CHUNK_BYTES = 64 * 1024;

/**
 * The bytes of a file from `start` to `end`. A file that became shorter meanwhile is an error: Content-Length has
 * promised more, and what the client got instead would be the next answer.
 */
async function* bytesOf(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at <= end; ) {
    const most = Math.min(CHUNK_BYTES, end - at + 1);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(most), 0, most, at);
    if (bytesRead === 0) throw new RangeError('the file became shorter while it was sent');
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Half of a surrogate pair has no UTF-8. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** `Content-Disposition: attachment` with a file name of any characters (RFC 6266, RFC 8187). */
export function attachment(name: string): string {
  const base = basename(name);
  const ascii = base.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(wellFormed(base)).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return ascii === base
    ? `attachment; filename="${ascii}"`
    : `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
