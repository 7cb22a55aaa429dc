import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const pages = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

/** The declarations of the package that no import leads to. */
const AMBIENT = [
  '../../src/framework/validation/class-transformer-storage.d.ts',
  '../../src/framework/validation/compiled/library-internals.d.ts',
];

interface Snippet {
  readonly from: string;
  /** Where it belongs, by its first line (`// src/main.ts`), or a name of its own. */
  readonly file: string;
  readonly text: string;
}

function snippetsOfPages(): readonly Snippet[] {
  return pages.flatMap((page) =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(
      ([, text = ''], i) => {
        const named = /^\/\/ (\S+\.ts)\n/.exec(text)?.[1];
        const folder = page.replace(/\W/g, '-');
        return {
          from: `${page}, snippet ${i + 1}`,
          file: `${folder}/${named ?? `snippet-${i + 1}.ts`}`,
          text,
        };
      },
    ),
  );
}

function snippetsOfDocblocks(): readonly Snippet[] {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return files.flatMap((file) =>
    [
      ...readFileSync(join(ROOT, 'src', file), 'utf8').matchAll(
        /\* @example\n\s*\* ```ts\n([\s\S]*?)\* ```/g,
      ),
    ].map(([, block = ''], i) => ({
      from: `src/${file}, example ${i + 1}`,
      file: `docblocks/${file.replace(/\W/g, '-')}-${i + 1}.ts`,
      text: block.replace(/^\s*\* ?/gm, ''),
    })),
  );
}

describe('the documentation', () => {
  it('has snippets that all type-check as they stand', { timeout: 120_000 }, async () => {
    const snippets = [...snippetsOfPages(), ...snippetsOfDocblocks()];
    expect(snippets.length).toBeGreaterThan(20);
    const folder = mkdtempSync(join(ROOT, 'test/.snippets-'));
    try {
      for (const { file, text } of snippets) {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        // A snippet without imports or exports is a module too.
        writeFileSync(join(folder, file), `${text}\nexport {};\n`);
      }
      const options = { noEmit: true, noUnusedLocals: false, noUnusedParameters: false };
      const config = {
        extends: '../../tsconfig.json',
        compilerOptions: options,
        include: [],
        files: [...snippets.map(({ file }) => file), ...AMBIENT],
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
      const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
      const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch(
        (error) => error,
      );
      expect(stdout).toBe('');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('has no dead link from page to page', () => {
    const dead = pages.flatMap((page) =>
      [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !existsSync(join(ROOT, dirname(page), link)))
        .map((link) => `${page} → ${link}`),
    );
    expect(dead).toEqual([]);
  });

  it('explains each dependency of the published package', () => {
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const page = readFileSync(join(ROOT, 'docs/dependencies.md'), 'utf8');
    const listed = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual(Object.keys({ ...dependencies, ...peerDependencies }).sort());
  });

  it('has the settings of the application as its source has them', () => {
    const rows = (text: string): string[] => text.match(/\| `[A-Z_]+` \|.*\|/g) ?? [];
    const source = rows(readFileSync(join(ROOT, 'src/config.ts'), 'utf8'));
    expect(source.length).toBeGreaterThan(3);
    expect(rows(readFileSync(join(ROOT, 'docs/settings.md'), 'utf8'))).toEqual(source);
  });

  it('names every export of the package somewhere', async () => {
    const text = pages.map((page) => readFileSync(join(ROOT, page), 'utf8')).join('\n');
    const missing = Object.keys(await import('koanatomy')).filter(
      (name) => !new RegExp(`\\b${name}\\b`).test(text),
    );
    expect(missing).toEqual([]);
  });
});
