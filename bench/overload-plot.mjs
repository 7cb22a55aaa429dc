const WIDTH = 420;
const LEFT = 190;
const BAR = 16;
const COLOURS = { answered: '#3b7a57', refused: '#b8860b', lost: '#d1495b' };
const NAMES = { answered: 'answered in time', refused: 'refused at once (503)', lost: 'answered too late' };

/**
 * A bar for each step: what became of the requests of one second.
 *
 * @param {{ name: string, answered: number, refused: number, lost: number }[]} steps
 */
export function plotOverload(steps) {
  const most = Math.max(...steps.map(({ answered, refused, lost }) => answered + refused + lost));
  const parts = [];
  let y = 64;
  for (const step of steps) {
    parts.push(text(LEFT - 10, y + BAR - 4, step.name, 'text-anchor="end"'));
    let x = LEFT;
    for (const [kind, colour] of Object.entries(COLOURS)) {
      const width = (step[kind] / most) * WIDTH;
      parts.push(
        `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" fill="${colour}"/>`,
      );
      x += width;
    }
    parts.push(
      text(
        x + 6,
        y + BAR - 4,
        `${step.answered.toFixed(0)}/s, p99 ${step.p99.toFixed(0)} ms`,
        'font-size="11"',
      ),
    );
    y += BAR + 10;
  }
  const legend = Object.entries(COLOURS).map(([kind, colour], i) => {
    const x = 10 + i * 190;
    return `<rect x="${x}" y="36" width="10" height="10" fill="${colour}"/>${text(x + 16, 45, NAMES[kind], 'font-size="11"')}`;
  });
  const width = LEFT + WIDTH + 150;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" font-family="sans-serif" font-size="12" fill="#1b1b1b">`,
    '<title>What becomes of requests under overload</title>',
    `<rect width="${width}" height="${y}" fill="#fff"/>`,
    text(10, 22, 'Requests of a second, with and without admission', 'font-size="15"'),
    ...legend,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function text(x, y, content, attributes) {
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${content}</text>`;
}
