import type { IncomingMessage } from 'node:http';
import { hostFault } from './host.js';

/**
 * Koa's getters make a URL of an absolute target, and throw where it is none: in middleware, or in a log line.
 * Only `http` and `https` have paths that are ours (RFC 9110 §7.1).
 */
function isReadableTarget(target = ''): boolean {
  return (
    target.startsWith('/') || target === '*' || (/^https?:\/\/[^/?#]/i.test(target) && URL.canParse(target))
  );
}

/** What makes a request unreadable to everybody, before middleware sees it; null where nothing does. */
export function requestFault(req: IncomingMessage): string | null {
  return isReadableTarget(req.url) ? hostFault(req) : 'The request target is no path and no http URL';
}
