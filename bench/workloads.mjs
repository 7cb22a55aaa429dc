// What is asked, and what has to be answered.

const ORDER = {
  reference: 'order-2026-0017',
  customer: 'CH123456',
  quantity: 12,
  price: 19.5,
  priority: 'normal',
  express: false,
  tags: ['gift', 'fragile'],
  note: 'Leave it with the neighbours, please.',
  address: { street: 'Bundesplatz 3', city: 'Bern', postcode: '3005', country: 'CH' },
};
const INVALID_ORDER = {
  ...ORDER,
  reference: '',
  customer: 'nobody',
  quantity: 0,
  price: -1,
  priority: 'never',
  express: 'maybe',
  tags: ['a', 'b', 'c', 'd', 'e', 'f'],
  address: { street: '', city: 'Bern', postcode: 'x', country: 'Switzerland' },
};
/** What the answer to it has to name, in whatever shape. */
const FAULTY = [
  ...['reference', 'customer', 'quantity', 'price', 'priority', 'express', 'tags'],
  ...['street', 'postcode', 'country'],
];

/**
 * Each workload: `requests` are asked in turn; `routes` is how many routes the server has besides the common ones;
 * `peers` says who takes part where not everybody does, and `reference` whose figures the ratios are to.
 */
export const WORKLOADS = [
  { name: 'ping', requests: [get('/test/ping', '{"ping":"pong"}')] },
  {
    name: 'ping + middleware',
    reference: 'ping',
    middleware: true,
    peers: ['koa', 'koanatomy'],
    requests: [get('/test/ping', '{"ping":"pong"}')],
  },
  {
    name: 'params',
    requests: [
      get('/cases/17/parts/oak?limit=20&open=true', '{"id":17,"part":"oak","limit":20,"open":true}'),
      get('/cases/18/parts/elm?limit=5&open=false', '{"id":18,"part":"elm","limit":5,"open":false}'),
    ],
  },
  {
    name: 'validated POST',
    requests: [
      post('/orders', ORDER, 201, '{"id":1,"reference":"order-2026-0017","total":234,"city":"Bern"}'),
    ],
  },
  // Its answer is the one of node:http, compared byte for byte.
  { name: 'list of 100', requests: [get('/cases')] },
  {
    name: '500 routes',
    routes: 500,
    requests: Array.from({ length: 8 }, (_, index) => 492 + index).map((thing) =>
      get(`/area${thing % 50}/thing${thing}/k${thing}`, `{"thing":${thing},"id":"k${thing}"}`),
    ),
  },
  { name: 'invalid POST', names: FAULTY, requests: [post('/orders', INVALID_ORDER, 400)] },
];

function get(path, answer) {
  return request('GET', path, '', '', 200, answer);
}

function post(path, body, status, answer) {
  const text = JSON.stringify(body);
  const fields = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n`;
  return request('POST', path, fields, text, status, answer);
}

function request(method, path, fields, content, status, answer) {
  const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n${fields}\r\n`;
  return { path, bytes: Buffer.from(head + content), status, answer };
}
