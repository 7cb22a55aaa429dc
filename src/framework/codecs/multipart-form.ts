import { formatMediaType } from '../http/media-type.js';
import { UploadDirectory } from './multipart-directory.js';
import type { PartHead } from './multipart-headers.js';
import type { MultipartReader } from './multipart-reader.js';
import { decodePart } from './multipart-text.js';
import { UploadedFile } from './upload.js';

/** What a form has under a name: the text of a field, or a file. */
export type FormValue = string | UploadedFile;

/** A form that was read: each name with its values in their order. Its files are there until it is disposed of. */
export class MultipartForm extends Map<string, FormValue[]> {
  readonly #directory: UploadDirectory;

  constructor(directory: UploadDirectory) {
    super();
    this.#directory = directory;
  }

  /** Removes its files, but for those that were moved away. Rejects where the file system does. */
  dispose(): Promise<void> {
    return this.#directory.remove();
  }
}

/**
 * Reads a whole form: fields into memory, files to disk as they arrive. Where it fails, no file is left.
 *
 * @throws FrameworkError as the reader does, and for a field that is no text.
 */
export async function readForm(reader: MultipartReader, base: string): Promise<MultipartForm> {
  const directory = new UploadDirectory(base);
  const form = new MultipartForm(directory);
  try {
    for (let head = await reader.next(); head !== null; head = await reader.next()) {
      const value = head.isFile ? await fileOf(head, reader, directory) : await fieldOf(head, reader);
      if (value === null) continue;
      const values = form.get(head.name);
      if (values === undefined) form.set(head.name, [value]);
      else values.push(value);
    }
    return form;
  } catch (error) {
    // What went wrong first is what is told; a directory that can't be removed on top of it changes nothing.
    await directory.remove().catch(() => {});
    throw error;
  } finally {
    await reader.close();
  }
}

/** Null for what browsers send where no file was chosen: an empty file without a name (HTML, "entry list"). */
async function fileOf(
  { name, fileName, type }: PartHead,
  reader: MultipartReader,
  directory: UploadDirectory,
): Promise<UploadedFile | null> {
  let piece = await reader.read();
  if (piece === null && fileName === '') return null;
  const { path, size } = await directory.write(async () => {
    const chunk = piece;
    piece = chunk === null ? null : await reader.read();
    return chunk;
  });
  return new UploadedFile({ name, fileName: fileName ?? '', type: formatMediaType(type), size, path });
}

async function fieldOf({ type }: PartHead, reader: MultipartReader): Promise<string> {
  // One piece of memory that grows: a list of chunks costs 400 bytes for each byte that comes alone.
  let memory = Buffer.alloc(0);
  let size = 0;
  for (let piece = await reader.read(); piece !== null; piece = await reader.read()) {
    if (size + piece.length > memory.length) {
      const larger = Buffer.alloc(Math.max(2 * memory.length, size + piece.length));
      memory.copy(larger, 0, 0, size);
      memory = larger;
    }
    piece.copy(memory, size);
    size += piece.length;
  }
  return decodePart(memory.subarray(0, size), type.parameters.get('charset') ?? null);
}
