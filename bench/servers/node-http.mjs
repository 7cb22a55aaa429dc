import { createServer } from 'node:http';
import { serve } from './serve.mjs';

/** The reference: what the same answers cost with nothing in between. */
serve(
  createServer((req, res) => {
    const text =
      req.url === '/test/ping' ? '{"ping":"pong"}' : JSON.stringify({ id: Number(req.url.split('/')[2]) });
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(text),
    };
    res.writeHead(200, headers).end(text);
  }),
);
