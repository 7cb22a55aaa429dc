import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** Who may not import whom, by folder below src; a bare name is a package. */
const FORBIDDEN: readonly { from: RegExp; to: RegExp; why: string }[] = [
  {
    from: /^middleware\//,
    to: /^framework\/(declare|model)\//,
    why: 'what runs per request looks at no declarations',
  },
  {
    from: /^(framework|middleware)\//,
    to: /^(controllers|services|backend)\/|^(main|app|config)\.ts$/,
    why: 'the package knows no application',
  },
  {
    from: /^(framework|middleware)\//,
    to: /^(kysely|pg|pino|pino-pretty|@electric-sql\/.*)$/,
    why: 'the package must not drag the application’s parts along',
  },
  {
    from: /^services\//,
    to: /^(koa|controllers\/.*|middleware\/.*|framework\/.*)$/,
    why: 'services know no HTTP',
  },
  {
    from: /^backend\//,
    to: /^(koa|controllers\/.*|services\/.*|middleware\/.*|framework\/.*)$/,
    why: 'the backend is below',
  },
  {
    from: /^(controllers|services|backend)\/|^(main|app|config)\.ts$/,
    to: /^(framework|middleware)\//,
    why: 'the application uses the package by its name',
  },
  {
    from: /^framework\/http\//,
    to: /^framework\/(declare|model|compile|validation)\/|^koa$/,
    why: 'http is pure functions',
  },
];

interface Import {
  readonly from: string;
  readonly to: string;
}

function imports(): readonly Import[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return files.flatMap((file) => {
    const from = file.replaceAll('\\', '/');
    const text = readFileSync(join(SRC, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    const named = [...text.matchAll(/^\s*(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]/gm)];
    const bare = [...text.matchAll(/^\s*import\s*['"]([^'"]+)['"]/gm)];
    const dynamic = [...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)];
    return [...named, ...bare, ...dynamic].map(([, specifier = '']) => ({
      from,
      to: target(from, specifier),
    }));
  });
}

function target(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return relative(SRC, resolve(SRC, dirname(from), specifier))
    .replaceAll('\\', '/')
    .replace(/\.js$/, '.ts');
}

function violations(all: readonly Import[]): readonly string[] {
  return all.flatMap(({ from, to }) =>
    FORBIDDEN.filter((rule) => rule.from.test(from) && rule.to.test(to)).map(
      (rule) => `${from} imports ${to}: ${rule.why}`,
    ),
  );
}

describe('the layers', () => {
  it('hold for every import in src', () => {
    const all = imports();
    expect(all.length).toBeGreaterThan(100);
    expect(violations(all)).toEqual([]);
  });

  it('would be seen to break', () => {
    const broken = [
      { from: 'middleware/route.ts', to: 'framework/declare/path.ts' },
      { from: 'framework/index.ts', to: 'services/CaseService.ts' },
      { from: 'framework/http/path.ts', to: 'koa' },
      { from: 'services/CaseService.ts', to: 'koa' },
      { from: 'controllers/CaseController.ts', to: 'framework/index.ts' },
    ];
    expect(violations(broken)).toHaveLength(broken.length);
  });
});

describe('the house style', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );

  it('keeps every file of src at 300 lines or fewer', () => {
    const long = files.filter((file) => readFileSync(join(SRC, file), 'utf8').split('\n').length > 301);
    expect(long).toEqual([]);
  });

  it('gives each `any` in src a reason beside it', () => {
    const unexplained = files.flatMap((file) =>
      readFileSync(join(SRC, file), 'utf8')
        .split('\n')
        .map((line, i) => ({ line, at: `${file}:${i + 1}` }))
        .filter(
          ({ line }) =>
            /(?::|<|\bas)\s*any\b|\bany\[\]/.test(line) && !/\/\/.*any/.test(line) && !/^\s*\/?\*/.test(line),
        )
        .map(({ at }) => at),
    );
    expect(unexplained).toEqual([]);
  });

  it('has no default exports and no `export *` in src', () => {
    const wildcard = files.filter((file) =>
      /^export (default|\*)/m.test(readFileSync(join(SRC, file), 'utf8')),
    );
    expect(wildcard).toEqual([]);
  });
});
