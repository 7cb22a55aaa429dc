// The load generator: plain sockets, one request at a time on each, so that it costs less than what it measures.
import { connect } from 'node:net';

const CONNECTIONS = 16;

/**
 * Asks `requests` in turn until `count` answers came or `milliseconds` passed; the answers' statuses are checked.
 *
 * @returns {Promise<number>} how many answers came
 */
export async function load(port, requests, count, milliseconds) {
  const deadline = performance.now() + milliseconds;
  let begun = 0;
  const next = () => {
    if (begun >= count || performance.now() > deadline) return null;
    return requests[begun++ % requests.length];
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, () => converse(port, next, ignore)));
  return begun;
}

/** Asks each once, and gives the contents of the answers. */
export async function ask(port, requests) {
  const texts = [];
  let at = 0;
  await converse(
    port,
    () => requests[at++] ?? null,
    (text) => texts.push(text()),
  );
  return texts;
}

const ignore = () => {};

function converse(port, next, answered) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let asked = null;
    let rest = null;
    const proceed = () => {
      asked = next();
      if (asked !== null) return void socket.write(asked.bytes);
      socket.destroy();
      resolve();
    };
    socket.on('connect', proceed);
    socket.on('error', reject);
    socket.on('close', () => (asked === null ? resolve() : reject(new Error(`${asked.path}: hung up`))));
    socket.on('data', (chunk) => {
      rest = rest === null ? chunk : Buffer.concat([rest, chunk]);
      const answer = readAnswer(rest);
      if (answer instanceof Error) return void socket.destroy(answer);
      if (answer === null) return;
      const bytes = rest;
      rest = null;
      if (answer.status !== asked.status) {
        socket.destroy();
        const head = bytes.toString('utf8', 0, 600);
        return reject(new Error(`${asked.path} is answered ${answer.status}, not ${asked.status}:\n${head}`));
      }
      answered(() => bytes.toString('utf8', answer.start, answer.end));
      proceed();
    });
  });
}

/** Null where more has to come. Every peer sends `Content-Length` on these workloads; one that didn't is refused. */
function readAnswer(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const head = bytes.latin1Slice(0, end);
  const length = /\r\ncontent-length: (\d+)/i.exec(head);
  if (length === null) return new Error(`no Content-Length in\n${head}`);
  const start = end + 4;
  const whole = start + Number(length[1]);
  return bytes.length < whole ? null : { status: Number(head.slice(9, 12)), start, end: whole };
}
