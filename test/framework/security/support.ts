import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Application } from 'koanatomy';

export const ISSUER = 'https://login.example.com/';
export const AUDIENCE = 'https://api.example.com';
export const SECRET = 'a secret of thirty-two bytes, or more';

export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const ed = generateKeyPairSync('ed25519');

/** The public half as a JWK with a name. */
export function jwk(key: KeyObject, kid: string, alg: string) {
  return { ...key.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

/** What a good token says. */
export function claims(changes: Record<string, unknown> = {}) {
  const now = Math.floor(Date.now() / 1000);
  return { iss: ISSUER, aud: AUDIENCE, sub: 'ann', iat: now, exp: now + 300, roles: ['admin'], ...changes };
}

export function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** A token of any header and payload, signed with whatever key; the standard's own words, and no library. */
export function token(
  header: unknown,
  payload: unknown,
  key: KeyObject | string | Buffer | null = rsa.privateKey,
  hash = 'sha256',
): string {
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${signatureOf(text, key, hash)}`;
}

function signatureOf(text: string, key: KeyObject | string | Buffer | null, hash: string): string {
  if (key === null) return '';
  if (typeof key === 'string' || Buffer.isBuffer(key))
    return createHmac(hash, key).update(text).digest('base64url');
  if (key.asymmetricKeyType === 'ed25519') return sign(null, Buffer.from(text), key).toString('base64url');
  const options = key.asymmetricKeyType === 'ec' ? { key, dsaEncoding: 'ieee-p1363' as const } : key;
  return sign(hash, Buffer.from(text), options).toString('base64url');
}

/** A server on a port of its own. */
export async function listen(given: RequestListener | Application) {
  const server =
    typeof given === 'function' ? createServer(given).listen(0, '127.0.0.1') : given.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Sends bytes as they are, and reads what comes back until the connection ends. */
export async function raw(port: number, lines: readonly string[], path = '/private', body = '') {
  const socket = connect(port, '127.0.0.1');
  const method = body === '' ? 'GET' : 'POST';
  socket.write(
    Buffer.from(
      [`${method} ${path} HTTP/1.1`, 'Host: a', 'Connection: close', ...lines, '', body].join('\r\n'),
      'latin1',
    ),
  );
  let text = '';
  for await (const chunk of socket) text += (chunk as Buffer).toString('latin1');
  return { status: Number(text.slice(9, 12)), text };
}
