import { Exclude, Expose, Transform, Type } from 'class-transformer';
import { createApp, GET, Path, Produces, Reply, Returns } from 'koanatomy';
import request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';

class Person {
  name!: string;
  @Exclude() password!: string;
}

class Case {
  id!: number;
  @Type(() => Date) createdAt!: Date;
  @Type(() => Person) assignee!: Person;
  @Expose({ groups: ['admin'] }) note!: string;
  @Transform(({ value }) => String(value).toUpperCase(), { toPlainOnly: true }) title!: string;
  @Exclude() internal!: string;
  @Expose() get label() {
    return `case ${this.id}`;
  }
}

function row() {
  return {
    id: 7,
    createdAt: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6)),
    assignee: { name: 'Änn "the" ×', password: 'secret' },
    note: 'for admins',
    title: 'ä title',
    internal: 'secret',
    many: 12_345_678_901_234n,
  };
}

const WRITTEN = {
  id: 7,
  createdAt: '2026-01-02T03:04:05.006Z',
  assignee: { name: 'Änn "the" ×' },
  title: 'Ä TITLE',
  many: '12345678901234',
};

@Path('/cases')
class CaseController {
  @GET
  @Path('/row')
  @Returns(Case)
  row() {
    return row();
  }
  @GET
  @Path('/instance')
  @Returns(Case)
  async instance() {
    return Object.assign(new Case(), row());
  }
  @GET
  @Path('/emitted')
  emitted(): Case {
    return row() as unknown as Case;
  }
  @GET
  @Path('/list')
  @Returns([Case])
  @Produces('application/json', 'application/xml', 'application/x-ndjson')
  list() {
    return Array.from({ length: 100 }, () => row());
  }
  @GET
  @Path('/stream')
  @Returns([Case])
  @Produces('application/json', 'application/x-ndjson')
  async *stream() {
    yield row();
    yield Object.assign(new Case(), row());
  }
  @GET
  @Path('/reply')
  @Returns(Case)
  reply() {
    return Reply.created('/cases/7', row());
  }
  @GET
  @Path('/admin')
  @Returns(Case, { groups: ['admin'] })
  admin() {
    return row();
  }
  @GET
  @Path('/map')
  @Returns(Case)
  map() {
    return new Map([['a', row()]]);
  }
  @GET
  @Path('/nothing')
  @Returns(Case)
  nothing() {
    return null;
  }
}

describe('what a method says that it returns', () => {
  let http: ReturnType<typeof request>;
  let behind: ReturnType<typeof request>;

  beforeAll(async () => {
    http = request((await createApp({ controllers: CaseController, logger: false })).callback());
    const app = await createApp({ controllers: CaseController, logger: false });
    app.use(async (ctx, next) => {
      await next();
      ctx.set('X-Type', typeof ctx.body);
    });
    behind = request(app.callback());
  });

  it.each([
    'row',
    'emitted',
  ])('is written by the decorators of its class, also where it is no instance: %s', async (path) => {
    const answer = await http.get(`/cases/${path}`);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
    expect(answer.body).toEqual(WRITTEN);
    expect((await behind.get(`/cases/${path}`)).text).toBe(answer.text);
  });

  it('has what decorators add to instances', async () => {
    expect((await http.get('/cases/instance')).body).toEqual({ ...WRITTEN, label: 'case 7' });
  });

  it('may be a list, longer than a text that is kept together', async () => {
    const answer = await http.get('/cases/list').set('Accept-Encoding', 'identity');
    expect(answer.body).toEqual(Array.from({ length: 100 }, () => WRITTEN));
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
    expect((await behind.get('/cases/list')).text).toBe(answer.text);
  });

  it.each(['application/xml', 'application/x-ndjson'])('leaves out the same in %s', async (type) => {
    const { text, body } = await http.get('/cases/list').set('Accept', type).buffer();
    const content = text ?? String(body);
    expect(content).toContain('Ä TITLE');
    expect(content).not.toMatch(/secret|for admins/);
  });

  it.each([
    'application/json',
    'application/x-ndjson',
  ])('leaves out the same of items in %s', async (type) => {
    const { text } = await http.get('/cases/stream').set('Accept', type).buffer();
    expect(text.match(/Ä TITLE/g)).toHaveLength(2);
    expect(text).not.toMatch(/secret|for admins/);
  });

  it('may be in a reply', async () => {
    const answer = await http.get('/cases/reply');
    expect([answer.status, answer.body]).toEqual([201, WRITTEN]);
  });

  it('takes groups', async () => {
    expect((await http.get('/cases/admin')).body).toEqual({ ...WRITTEN, note: 'for admins' });
  });

  it('may be something else, and nothing', async () => {
    expect((await http.get('/cases/map')).text).not.toMatch(/secret/);
    expect((await http.get('/cases/nothing')).status).toBe(204);
  });

  it('has to be a class', () => {
    for (const type of [undefined, 'Case', [], [Case, Person]]) {
      expect(() =>
        Returns(type as unknown as typeof Case)(CaseController.prototype, 'row', {} as PropertyDescriptor),
      ).toThrow(/^@Returns of CaseController.row: give a class, or a list of one/);
    }
  });
});
