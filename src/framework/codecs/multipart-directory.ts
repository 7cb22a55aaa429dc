import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The private directory of one request's files: made with the first of them, removed with all that is in it. */
export class UploadDirectory {
  readonly #base: string;
  #path: string | null = null;
  #count = 0;

  constructor(base: string) {
    this.#base = base;
  }

  /**
   * Writes a new file, a chunk at a time, and answers its path. It is called by its number: nothing that a client
   * sent is part of a path.
   */
  async write(
    chunks: () => Promise<Buffer | null>,
  ): Promise<{ readonly path: string; readonly size: number }> {
    // mkdtemp's name can't be guessed and its mode is 0700.
    this.#path ??= await mkdtemp(join(this.#base, 'koanatomy-'));
    const path = join(this.#path, String(this.#count++));
    const file = await open(path, 'wx', 0o600);
    let size = 0;
    try {
      for (let chunk = await chunks(); chunk !== null; chunk = await chunks()) {
        await file.appendFile(chunk);
        size += chunk.length;
      }
    } finally {
      await file.close();
    }
    return { path, size };
  }

  /** Removes it, where it was made. */
  async remove(): Promise<void> {
    const path = this.#path;
    this.#path = null;
    if (path !== null) await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}
