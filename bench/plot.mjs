import { PEERS } from './peers.mjs';

const COLOURS = ['#8c8c8c', '#1b1b1b', '#d1495b', '#7fb069', '#3b7a57', '#b8860b', '#4a6fa5'];
const BAR = 13;
const GAP = 30;
const LEFT = 130;
const WIDTH = 620;
const MARGIN = 70;
const HEAD = 96;

/** Bars of CPU per request as a ratio to Fastify; the upright line is Fastify's own. */
export function plot(cells, workloads) {
  const shown = cells.filter(({ toFastify }) => toFastify !== null);
  const most = Math.max(1, ...shown.map(({ toFastify }) => toFastify));
  const scale = (ratio) => (ratio / most) * WIDTH;
  const peers = [...PEERS.keys()].filter((peer) => shown.some((cell) => cell.peer === peer));
  const parts = [];
  let y = HEAD;
  for (const { name } of workloads) {
    const own = peers.flatMap((peer) => shown.filter((cell) => cell.peer === peer && cell.workload === name));
    if (own.length === 0) continue;
    parts.push(text(LEFT - 10, y + (own.length * BAR) / 2 + 4, name, 'text-anchor="end" font-weight="bold"'));
    for (const { peer, toFastify } of own) {
      const colour = COLOURS[[...PEERS.keys()].indexOf(peer)];
      const length = scale(toFastify).toFixed(1);
      parts.push(`<rect x="${LEFT}" y="${y}" width="${length}" height="${BAR - 2}" fill="${colour}"/>`);
      parts.push(text(LEFT + Number(length) + 5, y + BAR - 3, toFastify.toFixed(2), 'font-size="10"'));
      y += BAR;
    }
    y += GAP - BAR;
  }
  const line = (LEFT + scale(1)).toFixed(1);
  parts.push(
    `<line x1="${line}" x2="${line}" y1="${HEAD - 6}" y2="${y - GAP + BAR + 6}" stroke="#1b1b1b" stroke-dasharray="3 3"/>`,
  );
  const width = LEFT + WIDTH + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" font-family="sans-serif" font-size="12" fill="#1b1b1b">`,
    '<title>Server CPU per request, as a ratio to Fastify</title>',
    `<rect width="${width}" height="${y}" fill="#fff"/>`,
    text(10, 22, 'Server CPU per request, as a ratio to Fastify 5 (less is better)', 'font-size="15"'),
    ...legend(peers),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function legend(peers) {
  return peers.flatMap((peer, index) => {
    const x = 10 + (index % 2) * 400;
    const y = 34 + (index >> 1) * 15;
    const colour = COLOURS[[...PEERS.keys()].indexOf(peer)];
    return [
      `<rect x="${x}" y="${y}" width="10" height="10" fill="${colour}"/>`,
      text(x + 16, y + 9, PEERS.get(peer), 'font-size="11"'),
    ];
  });
}

function text(x, y, content, attributes) {
  return `<text x="${x}" y="${y}" ${attributes}>${content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;
}
