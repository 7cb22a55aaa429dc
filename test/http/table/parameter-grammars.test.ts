import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp, GET, Path, QueryParam } from 'koanatomy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

enum Colour {
  Red = 'red',
  Blue = 'blue',
}

enum Level {
  Low,
  High = 5,
}

class Version {
  private constructor(readonly text: string) {}
  static fromString(text: string) {
    if (!/^v\d+$/.test(text)) throw new Error('no version');
    return new Version(text);
  }
}

@Path('/p')
class ParameterController {
  @GET('/s') s(@QueryParam('v') v?: string) {
    return [v ?? null];
  }
  @GET('/n') n(@QueryParam('v') v?: number) {
    return [v ?? null];
  }
  @GET('/i') i(@QueryParam('v', { integer: true }) v?: number) {
    return [v ?? null];
  }
  @GET('/g') g(@QueryParam('v') v?: bigint) {
    return [v === undefined ? null : String(v)];
  }
  @GET('/b') b(@QueryParam('v') v?: boolean) {
    return [v ?? null];
  }
  @GET('/d') d(@QueryParam('v') v?: Date) {
    return [v ?? null];
  }
  @GET('/e') e(@QueryParam('v', { enum: Colour }) v?: Colour) {
    return [v ?? null];
  }
  @GET('/l') l(@QueryParam('v', { enum: Level }) v?: Level) {
    return [v ?? null];
  }
  @GET('/m') m(@QueryParam('v', { enum: ['a', 'b', 'toString'] }) v?: string) {
    return [v ?? null];
  }
  @GET('/f') f(@QueryParam('v') v?: Version) {
    return [v?.text ?? null];
  }
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

let server: Server;

/** One request as it is written here, on a connection of its own. */
function ask(
  method: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
  content?: string | Buffer,
): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const req = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () =>
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    req.on('error', reject);
    req.end(content);
  });
}

beforeAll(async () => {
  const app = await createApp({ controllers: ParameterController, logger: false });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

type Expected = readonly unknown[] | number;

async function expectOf(path: string, expected: Expected) {
  const answer = await ask('GET', path);
  if (typeof expected === 'number') expect(answer.status).toBe(expected);
  else expect([answer.status, JSON.parse(answer.text)]).toEqual([200, expected]);
}

describe('the grammar of each type, Jakarta REST 4.0 §3.2', () => {
  it.each<[string, string | null, Expected]>([
    ['s', null, [null]],
    ['s', '', ['']],
    ['s', '+', [' ']],
    ['s', '%2B', ['+']],
    ['s', '%20a%20', [' a ']],
    ['s', 'a;b', ['a;b']],
    ['s', 'a=b?c/d', ['a=b?c/d']],
    ['s', '%00', ['\0']],
    ['s', '%F0%9F%98%80', ['😀']],
    ['s', '%ff', 400],
    ['s', '%C0%80', 400],
    ['s', '%ED%A0%80', 400],
    ['n', null, [null]],
    ['n', '', 400],
    ['n', '0', [0]],
    ['n', '1.5', [1.5]],
    ['n', '-1.5e3', [-1500]],
    ['n', '1E%2B2', [100]],
    ['n', '1e+2', 400],
    ['n', '1e-7', [1e-7]],
    ['n', '0.1', [0.1]],
    ['n', '9007199254740993', 400],
    ['n', '-9007199254740993', 400],
    ['n', '9007199254740993.0', 400],
    ['n', '100000000000000000000000', 400],
    ['n', '1e400', 400],
    ['n', '-1e400', 400],
    ['n', '1x', 400],
    ['n', '+1', 400],
    ['n', '%2B1', 400],
    ['n', '1%20', 400],
    ['n', '%201', 400],
    ['n', '1%0A', 400],
    ['n', '01', 400],
    ['n', '.5', 400],
    ['n', '5.', 400],
    ['n', '0x10', 400],
    ['n', '0b1', 400],
    ['n', '1_0', 400],
    ['n', '1,5', 400],
    ['n', 'NaN', 400],
    ['n', 'Infinity', 400],
    ['n', '%D9%A1', 400],
    ['n', 'null', 400],
    ['n', 'true', 400],
    ['n', '[1]', 400],
    ['i', '-12', [-12]],
    ['i', '0', [0]],
    ['i', '9007199254740991', [9007199254740991]],
    ['i', '9007199254740992', 400],
    ['i', '1.0', 400],
    ['i', '1e3', 400],
    ['i', '-', 400],
    ['i', '00', 400],
    ['g', '123456789012345678901', ['123456789012345678901']],
    ['g', '-5', ['-5']],
    ['g', '', 400],
    ['g', '1n', 400],
    ['g', '0x1f', 400],
    ['g', '1.0', 400],
    ['g', '%201', 400],
    ['g', '007', 400],
    ['b', 'true', [true]],
    ['b', 'false', [false]],
    ['b', '', 400],
    ['b', '1', 400],
    ['b', 'TRUE', 400],
    ['b', 'on', 400],
    ['b', 'false%20', 400],
    ['d', '2024-02-29', ['2024-02-29T00:00:00.000Z']],
    ['d', '2024-02-29T12:30:00Z', ['2024-02-29T12:30:00.000Z']],
    ['d', '2024-02-29T12:30:00.5%2B02:00', ['2024-02-29T10:30:00.500Z']],
    ['d', '2024-02-29t12:30:00z', ['2024-02-29T12:30:00.000Z']],
    ['d', '2024-12-31T23:59:59-23:59', ['2025-01-01T23:58:59.000Z']],
    ['d', '2023-02-29', 400],
    ['d', '1900-02-29', 400],
    ['d', '2000-02-29', ['2000-02-29T00:00:00.000Z']],
    ['d', '2024-04-31', 400],
    ['d', '2024-13-01', 400],
    ['d', '2024-00-10', 400],
    ['d', '2024-01-00', 400],
    ['d', '2024-1-1', 400],
    ['d', '2024-01', 400],
    ['d', '2024', 400],
    ['d', '20240101', 400],
    ['d', '2024-01-01T12:30', 400],
    ['d', '2024-01-01T12:30:00', 400],
    ['d', '2024-01-01T24:00:00Z', 400],
    ['d', '2024-01-01T23:60:00Z', 400],
    ['d', '2024-01-01T23:59:61Z', 400],
    ['d', '2024-01-01T12:30:00%2B24:00', 400],
    ['d', '2024-01-01T12:30:00%2B0200', 400],
    ['d', '2024-01-01T12:30:00.Z', 400],
    ['d', '2024-01-01T12:30:00+02:00', 400],
    ['d', '%2B002024-01-01', 400],
    ['d', '-2024-01-01', 400],
    ['d', 'Thu,%2029%20Feb%202024%2000:00:00%20GMT', 400],
    ['d', '0', 400],
    ['d', '', 400],
    ['e', 'red', ['red']],
    ['e', 'Red', 400],
    ['e', '', 400],
    ['e', 'constructor', 400],
    ['e', '__proto__', 400],
    ['e', 'toString', 400],
    ['l', '0', [0]],
    ['l', '5', [5]],
    ['l', 'Low', [0]],
    ['l', 'High', [5]],
    ['l', '1', 400],
    ['l', '05', 400],
    ['l', 'low', 400],
    ['l', 'toString', 400],
    ['m', 'a', ['a']],
    ['m', 'toString', ['toString']],
    ['m', 'length', 400],
    ['m', '0', 400],
    ['m', 'map', 400],
    ['f', 'v12', ['v12']],
    ['f', '12', 400],
    ['f', '', 400],
  ])('/p/%s?v=%s: %j', (type, value, expected) =>
    expectOf(`/p/${type}${value === null ? '' : `?v=${value}`}`, expected));
});
