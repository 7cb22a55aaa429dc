const MAGIC = [0x28, 0xb5, 0x2f, 0xfd] as const;
const RLE = 1;

/**
 * Follows a zstd frame from block to block (RFC 8878 §3.1.1) to its end. Node's decoder takes an end of its input
 * in the middle of a frame for the end of the content, and what it does with bytes behind a frame depends on how
 * they were cut.
 */
export class ZstdFrame {
  #place: 'magic' | 'descriptor' | 'block' | 'end' = 'magic';
  /** Bytes that nothing depends on, before the next ones that do. */
  #skip = 0;
  /** What has come of a magic number or a block header. */
  #read = 0;
  #header = 0;
  #checksum = 0;

  /** Whether all of the frame has come. */
  get isComplete(): boolean {
    return this.#place === 'end' && this.#skip === 0;
  }

  /** Takes the next bytes; false where they are no zstd frame, or go beyond its end. */
  take(bytes: Uint8Array): boolean {
    let at = 0;
    while (at < bytes.length) {
      const skipped = Math.min(this.#skip, bytes.length - at);
      this.#skip -= skipped;
      at += skipped;
      const byte = bytes[at++];
      if (byte !== undefined && !this.#takeByte(byte)) return false;
    }
    return true;
  }

  #takeByte(byte: number): boolean {
    switch (this.#place) {
      case 'magic':
        if (byte !== MAGIC[this.#read++]) return false;
        if (this.#read === MAGIC.length) this.#place = 'descriptor';
        return true;
      case 'descriptor':
        this.#takeDescriptor(byte);
        return true;
      case 'block':
        this.#header |= byte << (8 * this.#read++);
        if (this.#read === 3) this.#takeBlock();
        return true;
      case 'end':
        return false;
    }
  }

  /** RFC 8878 §3.1.1.1.1: which fields the frame's header has, and how long they are. */
  #takeDescriptor(descriptor: number): void {
    const isSingleSegment = (descriptor & 0x20) !== 0;
    const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
    const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
    this.#checksum = (descriptor & 4) === 0 ? 0 : 4;
    this.#skip = (isSingleSegment ? 0 : 1) + dictionary + contentSize;
    this.#nextBlock();
  }

  /** RFC 8878 §3.1.1.2: the last block, two bits of type, the size; a block that repeats a byte has that one. */
  #takeBlock(): void {
    const isLast = (this.#header & 1) === 1;
    const type = (this.#header >> 1) & 3;
    this.#skip = type === RLE ? 1 : this.#header >> 3;
    if (!isLast) {
      this.#nextBlock();
      return;
    }
    this.#place = 'end';
    this.#skip += this.#checksum;
  }

  #nextBlock(): void {
    this.#place = 'block';
    this.#read = 0;
    this.#header = 0;
  }
}
