import type { IncomingMessage } from 'node:http';
import { hostFault } from './host.js';

/**
 * Koa's getters make a URL of an absolute target, and throw where it is none: in middleware, or in a log line.
 * Only `http` and `https` have paths that are ours (RFC 9110 §7.1).
 */
function isReadableTarget(target: string): boolean {
  return (
    target.startsWith('/') || target === '*' || (/^https?:\/\/[^/?#]/i.test(target) && URL.canParse(target))
  );
}

/**
 * RFC 9112 §3.2.2 lets the target's host win where Host has another one. Whoever reads the other one of the two, such as a
 * cache in front, sees another request than we do: there is no reason to send that.
 */
function conflict({ url = '', headers: { host } }: IncomingMessage): string | null {
  if (/^[^/?#]*\/\/[^/?#]*@/.test(url)) return 'The request target has user information';
  if (host === undefined) return null;
  const target = new URL(url);
  const stated = `${target.protocol}//${host}`;
  const isSame = URL.canParse(stated) && new URL(stated).host === target.host;
  return isSame ? null : 'The request target and Host name different hosts';
}

/** What makes a request unreadable to everybody, before middleware sees it; null where nothing does. */
export function requestFault(req: IncomingMessage): string | null {
  const { url = '' } = req;
  if (!isReadableTarget(url)) return 'The request target is no path and no http URL';
  return hostFault(req) ?? (url.startsWith('/') || url === '*' ? null : conflict(req));
}
