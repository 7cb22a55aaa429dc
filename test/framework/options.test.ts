import { EventEmitter, once } from 'node:events';
import Koa from 'koa';
import { type Codec, createApp, GET, type Logger, Path, rest, StartupError } from 'koanatomy';
import request from 'supertest';
import { afterEach, describe, expect, it, vi } from 'vitest';

@Path('/a')
class AnyController {
  @GET get() {
    return { a: 1 };
  }
  @GET('/fail') fail() {
    throw new Error('deep within');
  }
  @GET('/unseen') unseen() {
    const error = new Error('x');
    Reflect.set(error, Symbol.for('nodejs.util.inspect.custom'), () => {
      throw new Error('not to be seen');
    });
    throw error;
  }
}

async function found(options: object) {
  const error: unknown = await createApp({ controllers: AnyController, logger: false, ...options }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error === null) return [];
  expect(error).toBeInstanceOf(StartupError);
  const { findings } = error as StartupError;
  expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(['bad-option']));
  return findings.map(({ where, message, remedy }) => ({ where, text: `${message} → ${remedy}` }));
}

const codec: Codec = { mediaTypes: ['text/x-own'], write: String };
const authenticator = { scheme: 'Own', challenge: 'Own realm="x"', authenticate: () => null };
const nothing = (): void => {};

describe('options that mean nothing keep the application from starting', () => {
  it.each<[object, string, string]>([
    [{ logger: true }, 'logger', 'true is no logger'],
    [{ logger: null }, 'logger', 'null is no logger'],
    [{ logger: { info: nothing, error: nothing } }, 'logger', 'no function warn'],
    [{ logger: { info: nothing, warn: 'loud', error: nothing } }, 'logger', 'no function warn'],
    [{ codecs: {} }, 'codecs', 'an object is no list'],
    [{ codecs: null }, 'codecs', 'null is no list'],
    [{ codecs: [codec, 'json'] }, 'codecs[1]', '"json" is no object'],
    [{ codecs: [{}] }, 'codecs[0]', 'mediaTypes'],
    [{ codecs: [{ ...codec, mediaTypes: [] }] }, 'codecs[0]', 'mediaTypes'],
    [{ codecs: [{ ...codec, mediaTypes: 'x/y' }] }, 'codecs[0]', 'mediaTypes'],
    [{ codecs: [{ ...codec, mediaTypes: ['x/y', 'text'] }] }, 'codecs[0]', '"text" is no type/subtype'],
    [{ codecs: [{ ...codec, mediaTypes: ['text/*'] }] }, 'codecs[0]', '"text/*" is no'],
    [{ codecs: [{ ...codec, mediaTypes: ['a/b; charset=utf-8'] }] }, 'codecs[0]', 'without parameters'],
    [{ codecs: [{ ...codec, mediaTypes: [' a/b'] }] }, 'codecs[0]', '" a/b" is no'],
    [{ codecs: [{ ...codec, mediaTypes: ['a/b', undefined] }] }, 'codecs[0]', 'undefined is no'],
    [{ codecs: [{ ...codec, suffix: 'json' }] }, 'codecs[0]', 'suffix'],
    [{ codecs: [{ mediaTypes: ['a/b'] }] }, 'codecs[0]', 'none of read, readStream, write, writeItems'],
    [{ codecs: [{ ...codec, read: 'utf8' }] }, 'codecs[0]', 'its read is no function'],
    [{ authenticators: {} }, 'authenticators', 'an object is no list'],
    [{ authenticators: [() => null] }, 'authenticators[0]', 'scheme'],
    [{ authenticators: [{ ...authenticator, scheme: 'A b' }] }, 'authenticators[0]', 'scheme'],
    [{ authenticators: [{ ...authenticator, challenge: 'a\r\nb' }] }, 'authenticators[0]', 'challenge'],
    [{ authenticators: [{ ...authenticator, authenticate: 1 }] }, 'authenticators[0]', 'authenticate'],
    [{ strictSlash: 'no' }, 'strictSlash', '"no" is none of its values'],
    [{ uploads: 5 }, 'uploads', '5 is none of its values'],
    [{ prefix: ['/api'] }, 'prefix', 'a list is none of its values'],
    [{ container: {} }, 'container', 'an object is none of its values'],
    [{ load: './here' }, 'load', '"./here" is none of its values'],
    [{ limits: 5 }, 'limits', '5 is no set of limits'],
    [{ limits: [] }, 'limits', 'a list is no set'],
    [{ limits: { bodys: 1 } }, 'limits.bodys', 'did you mean body?'],
    [{ limits: { inflight: 1 } }, 'limits.inflight', 'did you mean inFlight?'],
    [{ codec: [codec] }, 'codec', 'did you mean codecs?'],
    [{ stricktSlash: true }, 'stricktSlash', 'did you mean strictSlash?'],
    [{ autenticators: [] }, 'autenticators', 'did you mean authenticators?'],
    [JSON.parse('{"__proto__":1}'), '__proto__', 'no option of this name'],
    [{ constructor: 1 }, 'constructor', 'no option of this name'],
    [{ limits: { toString: 1 } }, 'limits.toString', 'no option of this name'],
  ])('%j: %s', async (options, where, text) => {
    // Spreading would take `__proto__` for the prototype.
    const given = Object.defineProperties({}, Object.getOwnPropertyDescriptors(options));
    const findings = await found(given);
    expect(findings.map((finding) => finding.where)).toEqual([where]);
    expect(findings[0]?.text).toContain(text);
  });

  it('all at once, with what else is wrong', async () => {
    const findings = await found({ logger: 1, codecs: 1, limits: { body: 'x', bodi: 1 }, uploads: 1 });
    expect(findings.map(({ where }) => where).sort()).toEqual([
      'codecs',
      'limits.bodi',
      'limits.body',
      'logger',
      'uploads',
    ]);
  });

  it('those that fit start it: instances of classes, names in capitals, options left undefined', async () => {
    class Own implements Codec {
      readonly mediaTypes = ['Text/X-Own'];
      readonly suffix = '+own';
      write(value: unknown) {
        return String(value);
      }
    }
    class Log implements Logger {
      info() {}
      warn() {}
      error() {}
    }
    const unset = { codecs: undefined, limits: undefined, uploads: undefined, codec: undefined };
    expect(await found({ codecs: [new Own(), codec], logger: new Log() })).toEqual([]);
    expect(
      await found({ authenticators: [authenticator], strictSlash: true, limits: { body: '2mb' } }),
    ).toEqual([]);
    expect(await found({ ...unset, proxy: true, keys: ['k'], env: 'test' })).toEqual([]);
  });
});

/** What is written to standard error until the test ends. */
function captured(): string[] {
  const lines: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  return lines;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a logger that fails', () => {
  const failing: Record<string, (called: EventEmitter) => Logger> = {
    throws: (called) => {
      const log = (): void => {
        called.emit('called');
        throw new Error('disk full');
      };
      return { info: log, warn: log, error: log };
    },
    rejects: (called) => {
      const log = (): Promise<void> => {
        called.emit('called');
        return Promise.reject(new Error('disk full'));
      };
      return { info: log, warn: log, error: log };
    },
  };

  it.each(Object.entries(failing))('(it %s) reaches neither the client nor the process', async (_, make) => {
    const lines = captured();
    const called = new EventEmitter();
    const app = await createApp({ controllers: AnyController, logger: make(called) });
    const koa = new Koa().use(await rest({ controllers: AnyController, logger: make(called) }));
    for (const each of [app, koa]) {
      lines.length = 0;
      const http = request(each.callback());
      const logged = once(called, 'called');
      expect((await http.get('/a')).body).toEqual({ a: 1 });
      await logged;
      const failed = await http.get('/a/fail');
      expect([failed.status, failed.type]).toEqual([500, 'application/problem+json']);
      await http.get('/a');
      const text = lines.join('');
      // Said once; what could not be logged of errors is not lost.
      expect(text.match(/the logger failed/g)).toHaveLength(1);
      expect(text).toContain('deep within');
    }
  });

  it('keeps its own `this`, and what it gets is untouched', async () => {
    class Log implements Logger {
      readonly lines: string[] = [];
      info(fields: object, message: string) {
        this.lines.push(`${message} ${Object.keys(fields).includes('ms')}`);
      }
      warn() {}
      error() {}
    }
    const log = new Log();
    const app = await createApp({ controllers: AnyController, logger: log });
    await request(app.callback()).get('/a');
    await vi.waitFor(() => expect(log.lines).toEqual(['GET /a 200 true']));
  });
});

describe('without a logger, standard error names', () => {
  it('method, path and handler of a request that failed, and not its query', async () => {
    const lines = captured();
    const http = request((await createApp({ controllers: AnyController })).callback());
    expect((await http.get('/a/fail?token=secret')).status).toBe(500);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^a request failed: GET \/a\/fail AnyController\.fail \(request \S+\)\nError: deep/,
    );
    expect(lines[0]).not.toContain('secret');
  });

  it('a path without what a terminal takes for a command, and no more of it than is of use', async () => {
    const lines = captured();
    const app = await createApp({ controllers: AnyController });
    app.use((ctx) => {
      ctx.req.url = `/\u009b31m\u001b[2J\n${'x'.repeat(10_000)}`;
      throw new Error('in front');
    });
    await request(app.callback()).get('/a');
    const [first = ''] = lines.join('').split('\n');
    expect(first).toContain('GET /\\u009b31m\\u001b[2J\\u000ax');
    expect(first.length).toBeLessThan(700);
  });

  it('even an error that throws where it is looked at', async () => {
    const lines = captured();
    const http = request((await createApp({ controllers: AnyController })).callback());
    expect((await http.get('/a/unseen')).status).toBe(500);
    expect(lines.join('')).toContain('AnyController.unseen');
  });
});
