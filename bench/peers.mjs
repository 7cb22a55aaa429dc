import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The peers by the file of theirs in servers/, in the order of the table. */
export const PEERS = new Map([
  ['node-http', 'node:http, hand-written'],
  ['fastify', 'Fastify 5, schemas in and out'],
  ['koanatomy', 'koanatomy'],
  ['koa', 'Koa, one middleware'],
  ['koa-router', 'Koa + @koa/router + @koa/bodyparser'],
  ['nest', 'NestJS on Fastify, ValidationPipe, serializer'],
  ['routing-controllers', 'routing-controllers on Koa, class-validator, class-transformer'],
]);

/** The packages of bench/package.json that are not there in the version that it names. */
export function missingPackages() {
  const read = (...parts) => JSON.parse(readFileSync(join(import.meta.dirname, ...parts), 'utf8'));
  return Object.entries(read('package.json').dependencies)
    .filter(([name, version]) => {
      const file = join('node_modules', name, 'package.json');
      return !existsSync(join(import.meta.dirname, file)) || read(file).version !== version;
    })
    .map(([name, version]) => `${name}@${version}`);
}
