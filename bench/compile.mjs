import { createApp, GET, Path, PathParam, QueryParam } from '../dist/framework/index.js';
import { method } from './decorate.mjs';

const SIZES = [625, 1250, 2500, 5000];
const RUNS = 3;

/** From classes to an application that answers, for numbers of operations that double. */
export async function benchCompile() {
  console.log(`ms from classes to an application, median of ${RUNS}\n`);
  console.log('| operations | ms | µs per operation |\n| --- | --- | --- |');
  await compile(SIZES[0]);
  for (const size of SIZES) {
    const times = [];
    for (let run = 0; run < RUNS; run++) times.push(await compile(size));
    const ms = times.sort((a, b) => a - b)[Math.floor(RUNS / 2)];
    console.log(`| ${size} | ${Math.round(ms)} | ${Math.round((1000 * ms) / size)} |`);
  }
}

async function compile(size) {
  const classes = new Map();
  for (let thing = 0; thing < size; thing++) {
    const area = Math.floor(thing / 20);
    const known = classes.get(area);
    const Area = known ?? class {};
    classes.set(area, Area);
    Area.prototype[`thing${thing}`] = (id, limit) => ({ thing, id, limit });
    method(Area, `thing${thing}`, {
      parameters: [
        [String, [PathParam('id')]],
        [Number, [QueryParam('limit')]],
      ],
      decorators: [GET, Path(`/thing${thing}/{id}`)],
    });
  }
  for (const [area, Area] of classes) Path(`/area${area}`)(Area);
  const began = performance.now();
  await createApp({ controllers: [...classes.values()], logger: false });
  return performance.now() - began;
}
