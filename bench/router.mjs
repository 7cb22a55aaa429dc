import FindMyWay from 'find-my-way';
import { Router } from '../dist/framework/compile/router.js';
import { parsePath } from '../dist/framework/http/path.js';
import { parseTemplate } from '../dist/framework/model/template.js';

const SIZES = [10, 100, 1000, 5000];
const LOOKUPS = 200_000;

/** Routing alone: path → route and variables, from the raw path, for tables of several sizes. */
export function benchRouter() {
  console.log('routing alone, ns per look-up, median of 5: raw path → target and variables\n');
  console.log(
    '| routes | koanatomy, literal | find-my-way, literal | koanatomy, variables | find-my-way, variables |',
  );
  console.log('| --- | --- | --- | --- | --- |');
  for (const size of SIZES) {
    const router = new Router();
    const peer = FindMyWay();
    for (let i = 0; i < size; i++) {
      router.add(parseTemplate(`/area${i % 50}/thing${i}`), i);
      peer.on('GET', `/area${i % 50}/thing${i}`, () => {});
      router.add(parseTemplate(`/area${i % 50}/thing${i}/{id}/parts/{part}`), -i);
      peer.on('GET', `/area${i % 50}/thing${i}/:id/parts/:part`, () => {});
    }
    const at = size - 1;
    const paths = [`/area${at % 50}/thing${at}`, `/area${at % 50}/thing${at}/17/parts/4`];
    const cells = paths.flatMap((path) => [
      time(() => router.match(parsePath(path))),
      time(() => peer.find('GET', path)),
    ]);
    console.log(`| ${size} | ${cells.join(' | ')} |`);
  }
}

function time(lookUp) {
  const runs = [];
  for (let run = 0; run < 5; run++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < LOOKUPS; i++) if (lookUp() === null) throw new Error('nothing was found');
    runs.push(Number(process.hrtime.bigint() - start) / LOOKUPS);
  }
  return Math.round(runs.sort((a, b) => a - b)[2]);
}
