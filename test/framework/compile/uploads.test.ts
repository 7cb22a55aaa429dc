import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  request as send,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { IsInstance, IsInt, IsOptional, IsString } from 'class-validator';
import {
  type ApplicationOptions,
  BeanParam,
  Body,
  Consumes,
  createApp,
  DefaultValue,
  FormParam,
  MaxBody,
  Path,
  POST,
  QueryParam,
  UploadedFile,
} from 'koanatomy';
import type request from 'supertest';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { multipartCodec } from '../../../src/framework/codecs/multipart.js';
import type { MultipartForm } from '../../../src/framework/codecs/multipart-form.js';
import { MULTIPART_DEFAULTS } from '../../../src/framework/codecs/multipart-limits.js';
import { onGone } from '../../../src/framework/http/on-gone.js';
import { serve } from '../../support/serve.js';

class Album {
  @FormParam('title') @IsString() title!: string;
  @FormParam('cover', { required: true }) cover!: UploadedFile;
  @FormParam('photo', { type: UploadedFile }) photos: UploadedFile[] = [];
}

class Draft {
  @IsString() title!: string;
  @IsOptional() @IsInt() year?: number;
  @IsOptional() @IsInstance(UploadedFile) cover?: UploadedFile;
  @IsOptional() @IsInstance(UploadedFile, { each: true }) photos?: UploadedFile[];
}

/** What an answer tells of a file. */
async function told(file: UploadedFile | undefined) {
  return file === undefined ? 'none' : { is: file.fileName, type: file.type, has: await file.text() };
}

@Path('/u')
class UploadController {
  @POST('/one') one(@FormParam('photo') photo: UploadedFile) {
    return told(photo);
  }
  @POST('/required') required(@FormParam('photo', { required: true }) photo: UploadedFile) {
    return told(photo);
  }
  @POST('/many') many(@FormParam('photo', { type: UploadedFile }) photos: UploadedFile[]) {
    return Promise.all(photos.map(told));
  }
  @POST('/mixed') mixed(@FormParam('title') title: string, @FormParam('photo') photo: UploadedFile) {
    return { title, photo };
  }
  @POST('/fields') fields(
    @FormParam('title') title: string,
    @FormParam('n') n: number,
    @FormParam('tag') tags: string[],
    @FormParam('size') @DefaultValue(7) size: number,
  ) {
    return { title, n, tags, size };
  }
  @POST('/names') names(@FormParam('__proto__') proto: string, @FormParam('toString') file: UploadedFile) {
    return { proto, file: file?.fileName ?? null };
  }
  @POST('/bean') async bean(@BeanParam() album: Album) {
    return {
      title: album.title,
      cover: await told(album.cover),
      photos: await Promise.all(album.photos.map(told)),
    };
  }
  @POST('/class')
  @Consumes('multipart/form-data', 'application/x-www-form-urlencoded')
  async draft(draft: Draft) {
    const photos = await Promise.all((draft.photos ?? []).map(told));
    return {
      is: draft instanceof Draft,
      title: draft.title,
      year: draft.year,
      cover: await told(draft.cover),
      photos,
    };
  }
  @POST('/map') @Consumes('multipart/form-data') map(@Body() form: unknown) {
    return [...(form as Map<string, unknown[]>)].map(([name, values]) => [name, values.length]);
  }
  @POST('/large') @MaxBody('64mb') large(@FormParam('file', { required: true }) file: UploadedFile) {
    return { size: file.size };
  }
}

let directory: string;
let http: ReturnType<typeof request>;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'koanatomy-test-'));
  http = await serve(UploadController, { uploads: directory });
});
afterAll(() => rmSync(directory, { recursive: true }));

const PNG = { filename: 'a.png', contentType: 'image/png' };

describe('a file of a form', () => {
  it('is bound by the type of its parameter', async () => {
    const { body } = await http.post('/u/one').attach('photo', Buffer.from('größe'), PNG).expect(200);
    expect(body).toEqual({ is: 'a.png', type: 'image/png', has: 'größe' });
  });

  it('is absent where none was chosen', async () => {
    const none =
      '--b\r\nContent-Disposition: form-data; name="photo"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--b--';
    for (const content of [none, '--b--']) {
      const post = (path: string) =>
        http.post(path).set('Content-Type', 'multipart/form-data; boundary=b').send(content);
      expect((await post('/u/one').expect(200)).text).toBe('"none"');
      expect((await post('/u/many').expect(200)).body).toEqual([]);
      const { body } = await post('/u/required').expect(400);
      expect(body.errors).toEqual([
        { in: 'form', path: '/photo', code: 'required', message: 'photo is required' },
      ]);
    }
  });

  it('comes in a list, in the order of its client', async () => {
    const { body } = await http
      .post('/u/many')
      .attach('photo', Buffer.from('1'), PNG)
      .attach('other', Buffer.from('2'), PNG)
      .attach('photo', Buffer.from('3'), 'b.txt')
      .expect(200);
    expect(body).toEqual([
      { is: 'a.png', type: 'image/png', has: '1' },
      { is: 'b.txt', type: 'text/plain', has: '3' },
    ]);
  });

  it('is no text, and text is no file', async () => {
    const { body } = await http
      .post('/u/mixed')
      .field('photo', 'hunter2')
      .attach('title', Buffer.from('1'), PNG)
      .expect(400);
    expect(body.errors).toEqual([
      { in: 'form', path: '/title', code: 'type', message: 'title must be text, not a file' },
      { in: 'form', path: '/photo', code: 'type', message: 'photo must be a file' },
    ]);
    const list = await http
      .post('/u/many')
      .attach('photo', Buffer.from('1'), PNG)
      .field('photo', 'x')
      .expect(400);
    expect(list.body.errors).toHaveLength(1);
  });

  it('that comes twice is refused, unless it is a list', async () => {
    const { body } = await http
      .post('/u/one')
      .attach('photo', Buffer.from('1'), PNG)
      .attach('photo', Buffer.from('2'), PNG)
      .expect(400);
    expect(body.errors).toEqual([
      { in: 'form', path: '/photo', code: 'repeated', message: 'photo may be given once' },
    ]);
  });

  it('is bound to the property of a bean', async () => {
    const { body } = await http
      .post('/u/bean')
      .field('title', 't')
      .attach('cover', Buffer.from('1'), PNG)
      .attach('photo', Buffer.from('2'), PNG)
      .expect(200);
    const file = { is: 'a.png', type: 'image/png' };
    expect(body).toEqual({ title: 't', cover: { ...file, has: '1' }, photos: [{ ...file, has: '2' }] });
    const missing = await http.post('/u/bean').field('x', '1').expect(400);
    expect(missing.body.errors.map(({ path, code }: { path: string; code: string }) => [path, code])).toEqual(
      [
        ['/cover', 'required'],
        ['/title', 'isString'],
      ],
    );
  });

  it('is bound to the property of a body, and checked by its rules', async () => {
    const post = http.post('/u/class').field('title', 't').field('year', '2024');
    const { body } = await post
      .attach('cover', Buffer.from('1'), PNG)
      .attach('photos', Buffer.from('2'), PNG)
      .expect(200);
    const file = { is: 'a.png', type: 'image/png' };
    expect(body).toEqual({
      is: true,
      title: 't',
      year: 2024,
      cover: { ...file, has: '1' },
      photos: [{ ...file, has: '2' }],
    });
    const wrong = await http
      .post('/u/class')
      .field('cover', 'x')
      .field('year', 'y')
      .attach('title', Buffer.from('1'), PNG)
      .expect(400);
    expect(wrong.body.errors.map(({ path, code }: { path: string; code: string }) => [path, code])).toEqual([
      ['/title', 'type'],
      ['/year', 'isNumber'],
      ['/cover', 'type'],
    ]);
    await http.post('/u/class').type('form').send({ title: 't' }).expect(200);
  });

  it('is a value of the map that a body without a class is', async () => {
    const { body } = await http
      .post('/u/map')
      .field('a', '1')
      .attach('b', Buffer.from('2'), PNG)
      .field('a', '3')
      .expect(200);
    expect(body).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
  });
});

describe('a field', () => {
  it('is bound of either kind of form alike', async () => {
    const expected = { title: 'ö', n: 1.5, tags: ['x', 'y'], size: 7 };
    const multipart = http
      .post('/u/fields')
      .field('title', 'ö')
      .field('n', '1.5')
      .field('tag', 'x')
      .field('tag', 'y');
    expect((await multipart.expect(200)).body).toEqual(expected);
    const encoded = http.post('/u/fields').type('form').send('title=%C3%B6&n=1.5&tag=x&tag=y');
    expect((await encoded.expect(200)).body).toEqual(expected);
  });

  it('has an ordinary name', async () => {
    const { body } = await http
      .post('/u/names')
      .field('__proto__', '1')
      .attach('toString', Buffer.from('2'), PNG)
      .expect(200);
    expect(body).toEqual({ proto: '1', file: 'a.png' });
    expect((await http.post('/u/names').field('x', '1').expect(200)).body).toEqual({ file: null });
  });

  it('that nobody declares is refused where the application says so', async () => {
    const strict = await serve(UploadController, { uploads: directory, unknownProperties: 'refuse' });
    const { body } = await strict
      .post('/u/class')
      .field('title', 't')
      .attach('more', Buffer.from('1'), PNG)
      .expect(400);
    expect(body.errors).toMatchObject([{ in: 'form', path: '/more', code: 'whitelistValidation' }]);
  });
});

describe('what an operation reads', () => {
  it('is multipart/form-data alone where it takes a file', async () => {
    for (const path of ['/u/one', '/u/many', '/u/mixed', '/u/bean']) {
      const response = await http.post(path).type('form').send('photo=x').expect(415);
      expect(response.headers.accept).toBe('multipart/form-data');
    }
  });

  it('is either kind of form where it takes fields', async () => {
    const response = await http.post('/u/fields').send({}).expect(415);
    expect(response.headers.accept).toBe('application/x-www-form-urlencoded, multipart/form-data');
  });

  it('may be told apart by another operation of its path', async () => {
    @Path('/t')
    class Two {
      @POST fields(@FormParam('a') a: string) {
        return { field: a };
      }
      @POST json(@Body() body: Draft) {
        return { json: body.title };
      }
    }
    const two = await serve(Two);
    expect((await two.post('/t').field('a', '1').expect(200)).body).toEqual({ field: '1' });
    expect((await two.post('/t').send({ title: '2' }).expect(200)).body).toEqual({ json: '2' });
  });

  async function findings(controller: unknown, options: Partial<ApplicationOptions> = {}): Promise<string> {
    const starting = createApp({
      controllers: controller as typeof UploadController,
      logger: false,
      ...options,
    });
    return starting.then(
      () => 'started',
      (error: Error) => error.message,
    );
  }

  it('can’t be two operations that read the same', async () => {
    @Path('/t')
    class Same {
      @POST fields(@FormParam('a') a: string) {
        return a;
      }
      @POST file(@FormParam('b') b: UploadedFile) {
        return b.size;
      }
    }
    expect(await findings(Same)).toContain('duplicate-route');
  });

  it('is checked at startup', async () => {
    @Path('/t')
    class Misplaced {
      @POST('/1') query(@QueryParam('a') a: UploadedFile) {
        return a.size;
      }
      @POST('/2') fallback(@FormParam('a') @DefaultValue('x') a: UploadedFile) {
        return a.size;
      }
    }
    const message = await findings(Misplaced);
    expect(message).toContain('a file comes in a form only');
    expect(message).toContain('a file has no default');
  });

  it.each<[title: string, options: Partial<ApplicationOptions>, said: string]>([
    ['a directory that isn’t there', { uploads: '/dev/null/none' }, 'uploads'],
    ['a file for a directory', { uploads: '/dev/null' }, 'uploads'],
    ['a size that is none', { limits: { fileBytes: '1 MB' } }, 'limits.fileBytes'],
    ['a negative size', { limits: { fieldBytes: -1 } }, 'limits.fieldBytes'],
    ['a count that is none', { limits: { parts: 1.5 } }, 'limits.parts'],
    ['no files at all', { limits: { files: 0 } }, 'limits.files'],
  ])('refuses an option at startup: %s', async (_title, options, said) => {
    expect(await findings(UploadController, options)).toContain(said);
  });
});

describe('the options', () => {
  it('say what a form may cost', async () => {
    const limits = { parts: 3, files: 2, fieldBytes: 10, fileBytes: '1kb' };
    const small = await serve(UploadController, { uploads: directory, limits });
    const file = Buffer.alloc(1024);
    await small
      .post('/u/many')
      .attach('photo', file, PNG)
      .attach('photo', file, PNG)
      .field('a', '1')
      .expect(200);
    await small.post('/u/many').attach('photo', Buffer.alloc(1025), PNG).expect(413);
    await small
      .post('/u/many')
      .attach('photo', file, PNG)
      .attach('photo', file, PNG)
      .attach('photo', file, PNG)
      .expect(413);
    await small.post('/u/fields').field('a', '1').field('b', '1').field('c', '1').field('d', '1').expect(413);
    await small.post('/u/fields').field('a', '12345678').field('b', '1').expect(413);
  });

  it('leave a file as large as its body may be', async () => {
    const file = Buffer.alloc(5_000_000, 'x');
    expect((await http.post('/u/large').attach('file', file, PNG).expect(200)).body).toEqual({
      size: file.length,
    });
    await http.post('/u/one').attach('photo', file, PNG).expect(413);
  });
});

describe('on disk', () => {
  let server: Server;
  let seen: readonly string[];
  let gone: Promise<void>;

  /** Reads a form as the pipeline does, and disposes of it when the exchange is over. */
  async function answer(req: IncomingMessage, res: ServerResponse, ended: () => void): Promise<void> {
    const parameters = new Map([['boundary', 'b']]);
    const multipart = { ...MULTIPART_DEFAULTS, directory };
    try {
      const form = (await multipartCodec.readStream?.(req, {
        charset: null,
        parameters,
        maxDepth: 1,
        multipart,
      })) as MultipartForm;
      onGone(req, res, () => void form.dispose().then(ended));
      seen = readdirSync(directory);
      const [file] = form.get('a') ?? [];
      const size = file instanceof UploadedFile ? file.size : -1;
      res.end(String(size));
    } catch (error) {
      res.statusCode = (error as { status: number }).status;
      res.end();
      ended();
    }
  }

  beforeEach(async () => {
    seen = [];
    rmSync(directory, { recursive: true });
    directory = mkdtempSync(join(tmpdir(), 'koanatomy-test-'));
    let ended: () => void;
    gone = new Promise((resolve) => {
      ended = resolve;
    });
    server = createServer((req, res) => void answer(req, res, ended));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  function post() {
    const { port } = server.address() as AddressInfo;
    const req = send({ port, host: '127.0.0.1', method: 'POST', agent: false });
    req.on('error', () => {});
    const response = new Promise<IncomingMessage>((resolve) => req.once('response', resolve));
    req.write('--b\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\n');
    return { req, response };
  }

  const left = (): string[] => readdirSync(directory);

  it('a large file is there while its request is answered, and gone then', async () => {
    const { req, response } = post();
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    for (let i = 0; i < 48; i++) {
      if (!req.write(chunk)) await new Promise((resolve) => req.once('drain', resolve));
    }
    req.end('\r\n--b--');
    expect(await text(await response)).toBe(String(48 * chunk.length));
    await gone;
    expect(seen).toHaveLength(1);
    expect(left()).toEqual([]);
  });

  it('nothing is left of a client that leaves in the middle', async () => {
    const { req } = post();
    req.write(Buffer.alloc(200_000));
    while (left().length === 0) await new Promise((resolve) => setImmediate(resolve));
    req.destroy();
    await gone;
    expect(left()).toEqual([]);
  });

  it('nothing is left of a body that is malformed after its file', async () => {
    const { req, response } = post();
    req.end('x\r\n--b\r\n\r\ny\r\n--b--');
    expect((await response).statusCode).toBe(400);
    await gone;
    expect(left()).toEqual([]);
  });
});
