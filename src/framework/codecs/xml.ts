import type { Codec } from './codec.js';
import { readXml } from './xml-read.js';
import { writeXml, writeXmlItems } from './xml-write.js';

/**
 * XML 1.0 with namespaces (RFC 7303), without document type declarations and so without entities besides the
 * five that XML has. {@link readXml} and {@link writeXml} say which element is which value.
 */
export const xmlCodec: Codec = {
  mediaTypes: ['application/xml', 'text/xml'],
  suffix: '+xml',
  isText: true,
  read: readXml,
  write: writeXml,
  writeItems: writeXmlItems,
};
