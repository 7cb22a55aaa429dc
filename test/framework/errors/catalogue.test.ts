import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FINDINGS, PROBLEMS } from 'koanatomy';
import { describe, expect, it } from 'vitest';

const page = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');

/** The rows of the page's tables, `code → second cell`. */
function rows(heading: string): Record<string, string> {
  const section = page.slice(page.indexOf(`## ${heading}`)).split(/\n## /)[0] ?? '';
  return Object.fromEntries(
    [...section.matchAll(/^\| `([a-z-]+)` \| (\w+) \|/gm)].map(([, code, cell]) => [code, cell]),
  );
}

describe('docs/errors.md', () => {
  it('explains each problem code, with its status, and no other', () => {
    const catalogue = Object.entries(PROBLEMS).map(([code, { status }]) => [code, String(status)]);
    expect(rows('Codes')).toEqual(Object.fromEntries(catalogue));
  });

  it('explains each finding, with its severity, and no other', () => {
    expect(rows('Findings at startup')).toEqual(FINDINGS);
  });
});
