/** What a multipart form may cost besides its total. Infinity is no limit. */
export interface MultipartLimits {
  /** The most parts, fields and files together. */
  readonly parts: number;
  /** The most files. */
  readonly files: number;
  /** The most bytes of all fields together, names included: they are what is held in memory. */
  readonly fieldBytes: number;
  /** The most bytes of one file. */
  readonly fileBytes: number;
  /** The most bytes of one part's headers. */
  readonly headerBytes: number;
}

/** What the multipart codec is told of its request besides the content's type. */
export interface MultipartContext extends MultipartLimits {
  /** The directory in which each request with files gets a private one of its own. */
  readonly directory: string;
  /** Whether the parts are handed over one by one, as a MultipartStream, in place of a form. */
  readonly isStreamed?: boolean;
}

/** Where nothing else is said. One file may be as large as the body. */
export const MULTIPART_DEFAULTS: MultipartLimits = {
  parts: 1000,
  files: 100,
  fieldBytes: 1024 ** 2,
  fileBytes: Number.POSITIVE_INFINITY,
  headerBytes: 8192,
};
