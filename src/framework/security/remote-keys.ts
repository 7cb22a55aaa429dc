import { FrameworkError } from '../errors/api-error.js';

/** The most bytes of a set of keys. */
const LARGEST = 1024 ** 2;

/** Milliseconds after a failed try in which none is made: a source that is down isn't asked once a request. */
const PAUSE = 5000;

/** Milliseconds that keys are kept for which can't be fetched again. */
const STALE = 3_600_000;

/**
 * The address of a set of keys. Whoever can change it on its way can make keys of their own, so that only a loopback
 * address may do without TLS.
 *
 * @throws TypeError where it is none.
 */
export function readKeysUri(given: string | URL): URL {
  const uri = URL.canParse(String(given)) ? new URL(String(given)) : null;
  const isSafe = uri?.protocol === 'https:' || (uri?.protocol === 'http:' && isLoopback(uri.hostname));
  if (uri === null || !isSafe || uri.username !== '' || uri.password !== '')
    throw new TypeError(`jwt's jwksUri is no https address without a password: ${withoutPassword(uri)}`);
  return uri;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}

function withoutPassword(uri: URL | null): string {
  return uri === null ? 'it is no URL' : `${uri.protocol}//${uri.host}${uri.pathname}`;
}

/**
 * `fetch` for a set of keys: of a bounded size, without redirects. Where it fails, the last answer stands in for an
 * hour; where there was none, the next try comes after a pause.
 */
export function createKeyFetch(): (url: string, init: RequestInit) => Promise<Response> {
  let last: { readonly text: string; readonly at: number } | null = null;
  let failedAt = Number.NEGATIVE_INFINITY;

  return async (url, init) => {
    const now = performance.now();
    try {
      if (now - failedAt < PAUSE) throw new Error('the last try has failed just now');
      const text = await fetchKeys(url, init);
      last = { text, at: now };
    } catch (cause) {
      if (now - failedAt >= PAUSE) failedAt = now;
      if (last === null || now - last.at > STALE) throw unavailable(cause);
    }
    return new Response(last.text, { headers: { 'Content-Type': 'application/json' } });
  };
}

async function fetchKeys(url: string, init: RequestInit): Promise<string> {
  const response = await fetch(url, { ...init, redirect: 'error' });
  const text = await readBounded(response);
  if (response.status !== 200) throw new Error(`the keys' address answers ${response.status}`);
  const set = JSON.parse(text) as { keys?: unknown } | null;
  if (!Array.isArray(set?.keys)) throw new Error("the keys' address answers no set of keys (RFC 7517 §5)");
  return text;
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > LARGEST) throw new Error(`the set of keys has more than ${LARGEST} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** 503: the token may well be valid. */
export function unavailable(cause: unknown): FrameworkError {
  const message = 'Credentials can not be checked at the moment';
  return new FrameworkError('authentication-unavailable', message, {
    cause,
    headers: { 'Retry-After': String(Math.ceil(PAUSE / 1000)) },
  });
}
