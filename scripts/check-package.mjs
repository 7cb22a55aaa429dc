// Packs the package, installs the tarball into an empty folder as a stranger would, and follows the README there:
// what is published works, with its types, and brings nothing of the reference application along.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, posix, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'koanatomy-'));

function fail(message) {
  console.error(`check-package: ${message}`);
  process.exitCode = 1;
  throw new Error(message);
}

function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, CI: '1' },
  });
  if (status !== 0) fail(`${command} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

/** The README's files, by the path in their first line; its tsconfig.json is the JSON block. */
function readmeFiles() {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const files = new Map();
  for (const [, text] of readme.matchAll(/^```ts\n([\s\S]*?)^```/gm)) {
    const file = /^\/\/ (\S+\.ts)\n/.exec(text)?.[1];
    if (file !== undefined) files.set(file, text);
  }
  files.set('tsconfig.json', /^```json\n([\s\S]*?)^```/m.exec(readme)?.[1] ?? '');
  return files;
}

/** Relative links of the package's pages that lead to no file of it: a registry and node_modules have nothing else. */
function deadLinks(paths) {
  return paths
    .filter((path) => path.endsWith('.md'))
    .flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)[^)]*\)/g)]
        .filter(([, link]) => !paths.includes(posix.join(posix.dirname(page), link)))
        .map(([, link]) => `${page} → ${link}`),
    );
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

try {
  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', '--pack-destination', folder], root).replace(/^[^[]*/, ''),
  );
  const foreign = packed.files
    .map(({ path }) => path)
    .filter(
      (path) =>
        !/^(dist\/(framework|middleware)\/.*\.(js|d\.ts)|docs\/[a-z-]+\.(md|svg)|package\.json|README\.md|LICENSE)$/.test(
          path,
        ),
    );
  if (foreign.length > 0) fail(`the package has files that don't belong in it: ${foreign.join(', ')}`);
  const dead = deadLinks(packed.files.map(({ path }) => path));
  if (dead.length > 0) fail(`pages of the package link to what it hasn't: ${dead.join(', ')}`);

  const project = join(folder, 'project');
  mkdirSync(project);
  run('npm', ['init', '-y'], project);
  run('npm', ['pkg', 'set', 'type=module'], project);
  const version = (name) => `${name}@${own.devDependencies[name] ?? own.dependencies[name]}`;
  const tools = ['typescript', 'vitest', 'supertest', '@types/supertest', '@types/node'].map(version);
  const libraries = ['class-validator', 'class-transformer'].map(version);
  run('npm', ['install', '--no-audit', '--no-fund', join(folder, packed.filename), ...libraries], project);
  const strays = Object.keys(own.devDependencies).filter(
    (name) =>
      !libraries.some((each) => each.startsWith(`${name}@`)) &&
      existsSync(join(project, 'node_modules', name)),
  );
  // What comes along is a dependency of a dependency; none may be a part of the reference application.
  const dragged = strays.filter((name) => /^(kysely|pg|pino|pino-pretty|@electric-sql\/pglite)$/.test(name));
  if (dragged.length > 0) fail(`installing the package brings ${dragged.join(', ')} along`);
  run('npm', ['install', '--no-audit', '--no-fund', '--save-dev', ...tools], project);

  for (const [file, text] of readmeFiles()) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), text);
  }
  run('npx', ['tsc'], project);
  run('npx', ['vitest', 'run'], project);

  const port = await freePort();
  const server = spawn(process.execPath, ['dist/main.js'], {
    cwd: project,
    env: { ...process.env, PORT: String(port) },
  });
  let output = '';
  server.stdout.on('data', (chunk) => {
    output += chunk;
  });
  server.stderr.pipe(process.stderr);
  try {
    while (!output.includes('/greetings')) await once(server.stdout, 'data');
    const created = await fetch(`http://127.0.0.1:${port}/greetings`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"text":"hello"}',
    });
    const text = await created.text();
    if (created.status !== 201 || text !== '{"id":1,"text":"hello"}')
      fail(`the README's server answered ${created.status} ${text}`);
  } finally {
    server.kill();
  }
  const size = packed.files.length;
  console.log(
    `check-package: ${packed.filename} (${size} files, ${Math.round(packed.size / 1024)} KiB) works in an empty folder`,
  );
  console.log(
    `check-package: it installs ${readdirSync(join(project, 'node_modules')).length} entries with the README's tools`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
