import type { IncomingMessage } from 'node:http';

/** `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2.2), which may be empty. */
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)(?::\d*)?$/;

/** What is wrong with a request's Host (RFC 9112 §3.2: to be answered 400); null where nothing is. */
export function hostFault({ headers, httpVersionMinor, rawHeaders }: IncomingMessage): string | null {
  const { host } = headers;
  if (host === undefined) return httpVersionMinor >= 1 ? 'The request has no Host' : null;
  if (!HOST.test(host)) return 'The Host of the request is none';
  // Node keeps the first of several; a proxy on the way may have believed another one.
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (isHost(rawHeaders[i])) hosts += 1;
  return hosts > 1 ? 'The request has more than one Host' : null;
}

function isHost(name = ''): boolean {
  return name.length === 4 && name.toLowerCase() === 'host';
}
