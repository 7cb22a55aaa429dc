import { Type } from 'class-transformer';
import { Allow, IsArray, IsDate, IsOptional, ValidateNested } from 'class-validator';
import { Body, Consumes, GET, Path, POST, Produces } from 'koanatomy';
import { describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

class Inner {
  @IsOptional() @IsDate() @Type(() => Date) at?: Date;
}

class Outer extends Inner {
  @IsOptional() @Allow() big?: bigint;
  @IsOptional() @ValidateNested() @Type(() => Inner) inner?: Inner;
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => Inner) list?: Inner[];
}

class Tagged {
  @IsArray() tags!: string[];
}

@Path('/v')
class ValuesController {
  @POST one(@Body() outer: Outer) {
    return { at: outer.at?.toISOString(), big: typeof outer.big, value: outer.big };
  }
  @POST('/many') many(@Body({ type: Inner }) all: Inner[]) {
    return all.map(({ at }) => at?.toISOString());
  }
  @POST('/xml') @Consumes('application/xml', 'text/csv') xml(@Body() { tags }: Tagged) {
    return { tags };
  }
  @POST('/rows') @Consumes('text/csv', 'application/x-ndjson') rows(@Body({ type: Tagged }) all: Tagged[]) {
    return { count: all.length };
  }
}

describe('a date in a body', async () => {
  const http = await serve(ValuesController);

  it.each([
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2024-02-29t12:00:00+01:00', '2024-02-29T11:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    [null, undefined],
  ])('%j is %s', async (at, date) => {
    expect((await http.post('/v').send({ at })).body.at).toBe(date);
  });

  it.each([
    '2023-02-29T00:00:00Z',
    '2024-02-30',
    '1',
    5,
    '2024',
    'Jan 1 2024',
    '2024-01-01 00:00',
    '2024-01-01T00:00:00',
    '',
    true,
    {},
    [],
  ])('%j is refused, and rolled over into no other day, RFC 3339 §5.7', async (at) => {
    const refused = await http.post('/v').send({ at });
    expect([refused.status, refused.body.errors?.[0]?.path]).toEqual([400, '/at']);
    expect((await http.post('/v').send({ inner: { at } })).body.errors?.[0]?.path).toBe('/inner/at');
    expect((await http.post('/v').send({ list: [{}, { at }] })).body.errors?.[0]?.path).toBe('/list/1/at');
    expect((await http.post('/v/many').send([{ at }])).body.errors?.[0]?.path).toBe('/0/at');
  });
});

describe('a bigint in a body', async () => {
  const http = await serve(ValuesController);

  it.each([
    ['12345678901234567890', '12345678901234567890'],
    [7, '7'],
    ['-7', '-7'],
  ])('%j is %s', async (big, value) => {
    expect((await http.post('/v').send({ big })).body).toEqual({ big: 'bigint', value });
  });

  it.each(['1.5', 1.5, '', 'x', true])('%j is refused', async (big) => {
    expect((await http.post('/v').send({ big })).body.errors?.[0]?.path).toBe('/big');
  });
});

describe('a list that has nothing', async () => {
  const http = await serve(ValuesController);

  it('is an empty element in XML', async () => {
    const sent = http.post('/v/xml').set('Content-Type', 'application/xml').send('<tagged><tags/></tagged>');
    expect((await sent).body).toEqual({ tags: [] });
  });

  it.each(['text/csv', 'application/x-ndjson'])('is no bytes at all in %s', async (type) => {
    const answer = await http.post('/v/rows').set('Content-Type', type).send('');
    expect([answer.status, answer.body]).toEqual([200, { count: 0 }]);
  });
});

class Row {
  @IsArray() tags!: string[];
  @IsOptional() @ValidateNested() @Type(() => Inner) inner?: Inner;
}

@Path('/cells')
class CellController {
  @GET @Produces('text/csv') rows() {
    return [{ tags: ['x', 'y'], inner: { at: '2024-02-29' } }];
  }
  @POST @Consumes('text/csv') read(@Body({ type: Row }) rows: Row[]) {
    return rows;
  }
}

it('a CSV cell of several values is read back as it is written', async () => {
  const http = await serve(CellController);
  const written = await http.get('/cells').buffer(true);
  const answer = await http.post('/cells').set('Content-Type', 'text/csv').send(written.text);
  expect(answer.body).toEqual([{ tags: ['x', 'y'], inner: { at: '2024-02-29T00:00:00.000Z' } }]);
});
