import { PEERS } from './peers.mjs';

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/**
 * Medians of CPU per request (µs), and medians of the ratios within a round.
 *
 * @param {{ round: number, peer: string, workload: string, cpu: number }[]} slices
 */
export function summarise(slices, peers, workloads) {
  const at = new Map(slices.map((slice) => [`${slice.round} ${slice.peer} ${slice.workload}`, slice.cpu]));
  const cells = [];
  for (const peer of peers) {
    for (const workload of workloads) {
      const own = slices.filter((slice) => slice.peer === peer && slice.workload === workload.name);
      if (own.length === 0) continue;
      const ratios = (reference) =>
        own
          .map(
            ({ round, cpu }) => cpu / at.get(`${round} ${reference} ${workload.reference ?? workload.name}`),
          )
          .filter((ratio) => !Number.isNaN(ratio));
      const toFastify = ratios('fastify');
      cells.push({
        peer,
        workload: workload.name,
        cpu: median(own.map(({ cpu }) => cpu)),
        toFastify: toFastify.length === 0 ? null : median(toFastify),
        toNode: ratios('node-http').length === 0 ? null : median(ratios('node-http')),
        spread: toFastify.length < 2 || peer === 'fastify' ? null : spreadOf(toFastify),
      });
    }
  }
  return cells;
}

/** How far half of the rounds are from the median, as a part of it. */
function spreadOf(ratios) {
  const middle = median(ratios);
  return median(ratios.map((ratio) => Math.abs(ratio - middle) / middle));
}

/** The Markdown table: one row a peer, one column a workload. */
export function table(cells, peers, workloads) {
  const row = (items) => `| ${items.join(' | ')} |`;
  const rows = peers.map((peer) => {
    const own = workloads.map(({ name }) => {
      const cell = cells.find((one) => one.peer === peer && one.workload === name);
      if (cell === undefined) return '';
      const { cpu, toFastify, toNode } = cell;
      return `**${show(toFastify)}** · ${show(toNode)} · ${cpu.toFixed(1)}`;
    });
    return row([PEERS.get(peer), ...own]);
  });
  return [
    row(['', ...workloads.map(({ name }) => name)]),
    row(['---', ...workloads.map(() => '---')]),
    ...rows,
  ].join('\n');
}

const show = (ratio) => (ratio === null ? '–' : ratio.toFixed(2));

/** One line about the noise: how far a round's ratio is from the median of its cell. */
export function noise(cells) {
  const spreads = cells.map(({ spread }) => spread).filter((spread) => spread !== null);
  if (spreads.length === 0) return '';
  const percent = (value) => `${(100 * value).toFixed(1)} %`;
  return (
    `Noise: within a cell, half of the rounds are within ${percent(median(spreads))} of the median ratio ` +
    `(median over the cells; ${percent(Math.max(...spreads))} in the worst).`
  );
}
