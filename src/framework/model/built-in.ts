import { UploadedFile } from '../codecs/upload.js';
import { Preconditions } from '../preconditions.js';
import { Principal } from '../security/principal.js';

/** Types that are no class of the user's: a parameter without a decorator can't mean one as its body. */
export const BUILT_IN: ReadonlySet<unknown> = new Set<unknown>([
  String,
  Number,
  Boolean,
  BigInt,
  Symbol,
  Object,
  Array,
  Function,
  Date,
  RegExp,
  Promise,
  Map,
  Set,
  Error,
  Buffer,
  Uint8Array,
  ArrayBuffer,
  URL,
  AbortSignal,
  Principal,
  Preconditions,
  UploadedFile,
]);
