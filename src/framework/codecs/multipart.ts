import { tmpdir } from 'node:os';
import type { Codec } from './codec.js';
import { readForm } from './multipart-form.js';
import { MULTIPART_DEFAULTS } from './multipart-limits.js';
import { MultipartReader } from './multipart-reader.js';
import { MultipartStream } from './multipart-stream.js';

/**
 * `multipart/form-data` (RFC 7578, RFC 2046 §5.1), for requests. The value is a {@link MultipartForm}: a map from
 * each name to its values in order, so that names such as `__proto__` are ordinary names; or the parts one by
 * one, where the context says so. Either is to be disposed of once the exchange is over.
 */
export const multipartCodec: Codec = {
  mediaTypes: ['multipart/form-data'],
  async readStream(source, { parameters, multipart }) {
    const { directory = tmpdir(), isStreamed = false, ...limits } = { ...MULTIPART_DEFAULTS, ...multipart };
    const reader = new MultipartReader(source, parameters.get('boundary'), limits);
    return isStreamed ? new MultipartStream(reader) : readForm(reader, directory);
  },
};
