import type { IncomingMessage } from 'node:http';

/** `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2.2), which may be empty. */
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)(?::\d*)?$/;

/** Whether a text is a host as `Host` has it. */
export function isHost(text: string): boolean {
  return HOST.test(text);
}

/** The last one that was one: most requests of a server have the same. */
let lastHost = '';

/** What is wrong with a request's Host (RFC 9112 §3.2: to be answered 400); null where nothing is. */
export function hostFault(req: IncomingMessage): string | null {
  const { host } = req.headers;
  if (host === undefined) return req.httpVersionMinor >= 1 ? 'The request has no Host' : null;
  if (host !== lastHost) {
    if (!HOST.test(host)) return 'The Host of the request is none';
    lastHost = host;
  }
  return isRepeated(req, 'host') ? 'The request has more than one Host' : null;
}

/** Whether a field that may be there once is there again: Node keeps the first, and a proxy may have read the last. */
export function isRepeated({ rawHeaders }: IncomingMessage, name: string): boolean {
  let found = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const raw = rawHeaders[i] ?? '';
    if (raw.length === name.length && raw.toLowerCase() === name) found += 1;
  }
  return found > 1;
}
