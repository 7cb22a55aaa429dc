import { Readable } from 'node:stream';

/** Bytes whose number is known and that can be read from anywhere: what ranges can be taken of. */
export interface ByteSource {
  readonly length: number;
  /** All of them, where they are in memory. */
  readonly whole: Buffer | null;
  /** The bytes from `start` to `end`, both included. */
  read(start: number, end: number): Buffer | Readable;
  /** Gives back what it holds; nothing is read after it. */
  close(): Promise<void> | undefined;
}

/** A buffer's bytes. */
export function bufferSource(bytes: Buffer): ByteSource {
  return {
    length: bytes.length,
    whole: bytes,
    read: (start, end) => bytes.subarray(start, end + 1),
    close: () => undefined,
  };
}

/** A Blob's bytes, which may be on the disk. */
export function blobSource(blob: Blob): ByteSource {
  return {
    length: blob.size,
    whole: null,
    read(start, end) {
      const stream: unknown = blob.slice(start, end + 1).stream();
      return Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]);
    },
    close: () => undefined,
  };
}
