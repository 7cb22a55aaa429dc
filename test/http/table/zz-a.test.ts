import { Type } from 'class-transformer';
import { Body, Consumes, Path, POST, Produces, createApp } from 'koanatomy';
import { Allow, IsArray, IsBoolean, IsDate, IsInt, IsNumber, IsOptional, IsString, ValidateNested } from 'class-validator';
import { it } from 'vitest';
import { serve } from '../../support/serve.js';
class Part { @IsString() name!: string; }
class Item {
  @IsString() name!: string;
  @IsInt() count!: number;
  @IsNumber() weight!: number;
  @IsBoolean() active!: boolean;
  @IsOptional() @IsDate() @Type(() => Date) at?: Date;
  @IsArray() @IsString({ each: true }) tags!: string[];
  @IsArray() @ValidateNested({ each: true }) @Type(() => Part) parts!: Part[];
  @IsOptional() @IsString() none?: string | null;
}
const ALL = ['application/json','application/xml','application/yaml','application/cbor','application/vnd.msgpack','text/csv','application/x-ndjson'];
@Path('/c') class C {
  @POST @Consumes(...ALL.slice(0,5)) @Produces(...ALL.slice(0,5)) one(@Body() item: Item) { return item; }
  @POST('/l') @Consumes(...ALL) @Produces(...ALL) many(@Body({type: Item}) items: Item[]) { return items; }
}
const item = { name: ' a, "b"\n<c>&é ', count: -5, weight: 1.5, active: false, at: '2024-02-29T00:00:00.000Z', tags: ['x','y'], parts: [{name:'p'},{name:''}], none: null };
it('x', async () => {
  const r = await serve(C);
  for (const t of ALL) {
    for (const [p, v] of [['/c', item], ['/c/l', [item, {...item, tags: [], parts: []}]],['/c/l',[]]] as const) {
      const a = await r.post(p).set('Accept', t).send(v as object).buffer(true).parse((res, cb) => { const c: Buffer[] = []; res.on('data', (d: Buffer) => c.push(d)); res.on('end', () => cb(null, Buffer.concat(c))); });
      console.log(t, p, a.status, a.headers['content-type'], /cbor|msgp/.test(t) ? a.body.toString('hex') : a.body.toString());
      if (a.status !== 200) continue;
      const b = await r.post(p).set('Content-Type', t).set('Accept', 'application/json').serialize((x) => x as unknown as string).send(a.body);
      console.log('   back', b.status, b.text, JSON.stringify(v) === b.text);
    }
  }
  for (const at of ['"2024"', '"1"', '5', '"2024-02-30"', '"2024-01-01 00:00"', '"Jan 1 2024"', '"2024-01-01T00:00:00"', 'true', '[1]', '"2024-01-01T24:00:00Z"','"20240101"', '""']) {
    const b = await r.post('/c').set('Accept','application/json').type('json').send(JSON.stringify(item).replace('"2024-02-29T00:00:00.000Z"', at));
    console.log(at, b.status, b.body.at);
  }
});
