import { createServer } from 'node:http';
import { parse } from 'node:querystring';
import { accept, caseClasses, makeCases } from '../classes.mjs';
import { faultsOf, readJson, route, shown } from './by-hand.mjs';
import { serve } from './serve.mjs';

/** The reference: what the same answers cost with nothing in between. */
const undecorated = { Exclude: () => () => {}, Type: () => () => {} };
const cases = makeCases(caseClasses(undecorated));

serve(
  createServer((req, res) => {
    const { segments, query } = route(req.url);
    if (segments[1] === 'test') return answer(res, 200, { ping: 'pong' });
    if (segments[1] === 'orders') return void order(req, res);
    if (segments[1] !== 'cases')
      return answer(res, 200, { thing: Number(segments[2].slice(5)), id: segments[3] });
    if (segments.length === 2) return answer(res, 200, cases.map(shown));
    const { limit, open } = parse(query);
    const found = { id: Number(segments[2]), part: segments[4], limit: Number(limit), open: open === 'true' };
    return answer(res, 200, found);
  }),
);

async function order(req, res) {
  try {
    const value = await readJson(req);
    const errors = faultsOf(value);
    if (errors.length > 0) return answer(res, 400, { errors });
    answer(res, 201, accept(value));
  } catch {
    answer(res, 400, { errors: [] });
  }
}

function answer(res, status, value) {
  const text = JSON.stringify(value);
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  };
  res.writeHead(status, headers).end(text);
}
