import { fsyncSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type Options = Parameters<NodeFS['init']>[1];

/** As much as is used here of an open file of Emscripten's NODEFS; a directory may have no descriptor. */
interface Stream {
  readonly nfd?: number;
}

/** As much as is used here of Emscripten's module: the file operations of the mounted folder. */
interface Module {
  readonly NODEFS: { readonly stream_ops: { fsync?: (stream: Stream) => number } };
}

/** WASI's number for "input or output error". */
const EIO = 29;

/**
 * PGlite's folder with an `fsync` that reaches the disk.
 *
 * As it comes, PGlite starts PostgreSQL with `-F`, and its file system has no fsync at all: a commit is safe
 * from `kill -9`, as the kernel has the bytes, and lost with the power, and a checkpoint that reached the disk
 * before its pages did ruins the folder (github.com/electric-sql/pglite/issues/1107). `relaxedDurability`
 * changes nothing of that for folders, since their `syncToFs` is empty. What it takes is this call, and
 * {@link DURABLE_START}; it costs one fsync a commit.
 */
export class DurableNodeFS extends NodeFS {
  readonly #sync: (descriptor: number) => void;

  /** @param sync what flushes a file to the disk */
  constructor(folder: string, sync: (descriptor: number) => void = fsyncSync) {
    super(folder);
    this.#sync = sync;
  }

  override async init(pglite: PGlite, options: Options): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(pglite, options);
    const hook = (module: Module): void => {
      module.NODEFS.stream_ops.fsync = ({ nfd }) => {
        try {
          if (nfd !== undefined) this.#sync(nfd);
          return 0;
        } catch {
          // PostgreSQL then panics, rather than acknowledge what may be lost.
          return EIO;
        }
      };
    };
    // Emscripten hands its module to each of these; its types don't say so.
    const preRun = [...(emscriptenOpts.preRun ?? []), hook as () => void] as NonNullable<Options['preRun']>;
    return { emscriptenOpts: { ...emscriptenOpts, preRun } };
  }
}

/**
 * PGlite's parameters for PostgreSQL, with its "turn fsync off" overruled. `wal_sync_method` is `fsync` because
 * PGlite's fdatasync, the default, does nothing and says that it did.
 */
export const DURABLE_START: readonly string[] = [
  ...PGlite.defaultStartParams,
  '-c',
  'fsync=on',
  '-c',
  'wal_sync_method=fsync',
];
