import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, readFile, rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { parseMediaType } from '../http/media-type.js';
import { decodePart } from './multipart-text.js';

/** What an {@link UploadedFile} is made of. */
export interface UploadFacts {
  readonly name: string;
  readonly fileName: string;
  readonly type: string;
  readonly size: number;
  readonly path: string;
}

/**
 * A file of a `multipart/form-data` form. It lies in a temporary directory that is removed once the response
 * was sent, or the client left: what is to stay is moved away with {@link UploadedFile.moveTo}.
 *
 * @example
 * ```ts
 * import { randomUUID } from 'node:crypto';
 * import { FormParam, MaxBody, Path, POST, UploadedFile } from 'koanatomy';
 *
 * @Path('/photos')
 * export class PhotoController {
 *   @POST @MaxBody('20mb')
 *   async add(@FormParam('photo', { required: true }) photo: UploadedFile) {
 *     const id = randomUUID();
 *     await photo.moveTo(`/srv/photos/${id}`);
 *     return { id, size: photo.size };
 *   }
 * }
 * ```
 */
export class UploadedFile {
  /** The field's name. */
  readonly name: string;
  /**
   * What the client calls the file: without directories and control characters, empty where it says nothing. For
   * people only; a path is never to be made of it.
   */
  readonly fileName: string;
  /** The media type that the client gives, `text/plain` where it gives none. Nobody has checked it. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** Private, so that a file that is part of an answer doesn't tell where it lies. */
  #path: string;

  constructor({ name, fileName, type, size, path }: UploadFacts) {
    this.name = name;
    this.fileName = fileName;
    this.type = type;
    this.size = size;
    this.#path = path;
  }

  /** Where it lies: a temporary file that only this process's user can read, or where it was moved to. */
  get path(): string {
    return this.#path;
  }

  /** Its bytes, as they are read from disk. */
  stream(): Readable {
    return createReadStream(this.#path);
  }

  /** All of its bytes, in memory. */
  bytes(): Promise<Buffer> {
    return readFile(this.#path);
  }

  /**
   * All of its text, in the charset of its type, else UTF-8.
   *
   * @throws FrameworkError `malformed-body` (400) where its bytes are none in that charset, or
   * `unsupported-media-type` (415) where the charset is unknown.
   */
  async text(): Promise<string> {
    const charset = parseMediaType(this.type)?.parameters.get('charset') ?? null;
    return decodePart(await this.bytes(), charset);
  }

  /**
   * Moves it to `path`, in place of what is there; readable for this process's user alone. Across devices it is
   * copied first, and appears under its name when it is whole.
   */
  async moveTo(path: string): Promise<void> {
    try {
      await rename(this.#path, path);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error;
      await this.#copyTo(path);
    }
    this.#path = path;
  }

  async #copyTo(path: string): Promise<void> {
    const partial = `${path}.${randomUUID()}`;
    try {
      await copyFile(this.#path, partial);
      await rename(partial, path);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
    await rm(this.#path, { force: true });
  }
}
