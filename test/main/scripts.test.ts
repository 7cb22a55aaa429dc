import { existsSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Project } from './support/project.js';

let project: Project;

beforeAll(async () => {
  project = await Project.create();
}, 180_000);
afterAll(() => project?.remains());

const START = [process.execPath, 'scripts/start.mjs'];

const controller = (name: string, path: string, answer: string): string =>
  `import { GET, Path } from 'koanatomy';
@Path('${path}')
export class ${name} {
  @GET answer() { return { answer: '${answer}' }; }
}
`;

const inDist = (file: string): string => join(project.folder, 'dist', file);
const get = async (url: string): Promise<unknown> => (await fetch(url)).json();

describe('scripts/build.mjs', { timeout: 60_000 }, () => {
  it('builds what changed', async () => {
    project.write('src/services/change.ts', 'export const change = 1;\n');
    await project.run('scripts/build.mjs');
    expect(readFileSync(inDist('services/change.js'), 'utf8')).toContain('change = 1');
    project.write('src/services/change.ts', 'export const change = 2;\n');
    expect(await project.run('scripts/build.mjs')).toEqual({ code: 0, output: '' });
    expect(readFileSync(inDist('services/change.js'), 'utf8')).toContain('change = 2');
  });

  it('sees a file that is older than the last build, as one from an archive is', async () => {
    project.write('src/services/old.ts', 'export const old = 1;\n');
    await project.run('scripts/build.mjs');
    project.write('src/services/old.ts', 'export const old = 2;\n');
    utimesSync(join(project.folder, 'src/services/old.ts'), 1e9, 1e9);
    await project.run('scripts/build.mjs');
    expect(readFileSync(inDist('services/old.js'), 'utf8')).toContain('old = 2');
  });

  it('does nothing where nothing changed', async () => {
    await project.run('scripts/build.mjs');
    // Whatever it rewrites would have another time.
    for (const file of ['.tsbuildinfo', '.build.json', 'main.js']) utimesSync(inDist(file), 1e9, 1e9);
    await project.run('scripts/build.mjs');
    for (const file of ['.tsbuildinfo', '.build.json', 'main.js']) {
      expect(statSync(inDist(file)).mtimeMs).toBe(1e12);
    }
  });

  it('makes again what somebody removed from dist', async () => {
    await project.run('scripts/build.mjs');
    project.remove('dist/app.js');
    await project.run('scripts/build.mjs');
    expect(existsSync(inDist('app.js'))).toBe(true);
  });

  it('removes what was built from sources that are gone, and folders that are empty then', async () => {
    project.write('src/services/deep/gone.ts', 'export const gone = 1;\n');
    await project.run('scripts/build.mjs');
    expect(existsSync(inDist('services/deep/gone.js'))).toBe(true);
    project.remove('src/services/deep/gone.ts');
    await project.run('scripts/build.mjs');
    expect(existsSync(inDist('services/deep'))).toBe(false);
    expect(existsSync(inDist('services/CaseService.js'))).toBe(true);
  });

  it('ends with 1 and what tsc says on a type error, each time until it is corrected', async () => {
    project.write('src/services/wrong.ts', 'export const wrong: number = "text";\n');
    for (let i = 0; i < 2; i++) {
      const { code, output } = await project.run('scripts/build.mjs');
      expect(code).toBe(1);
      expect(output).toContain("src/services/wrong.ts(1,14): error TS2322: Type 'string' is not assignable");
    }
    project.remove('src/services/wrong.ts');
    expect(await project.run('scripts/build.mjs')).toEqual({ code: 0, output: '' });
  });
});

describe('scripts/start.mjs', { timeout: 120_000 }, () => {
  it('serves a controller that was dropped in, after a restart, and not any more once it is deleted', async () => {
    const env = { DATA_DIR: project.dataDir() };
    project.write(
      'src/controllers/below/DroppedController.ts',
      controller('DroppedController', '/dropped', 'in'),
    );
    const first = project.start(env, START);
    expect(await get(`${await first.url()}/dropped`)).toEqual({ answer: 'in' });
    expect(await first.stop()).toEqual({ code: 0, signal: null });
    project.remove('src/controllers/below/DroppedController.ts');
    const second = project.start(env, START);
    expect(await get(`${await second.url()}/dropped`)).toMatchObject({ status: 404 });
    expect(second.stdout).not.toContain('DroppedController');
    await second.stop();
  });

  it('starts nothing that does not build', async () => {
    project.write('src/controllers/Wrong.ts', 'export const wrong: number = "text";\n');
    try {
      const server = project.start({ DATA_DIR: project.path('none') }, START);
      expect(await server.ended()).toEqual({ code: 1, signal: null });
      expect(server.output).toContain('src/controllers/Wrong.ts(1,14): error TS2322');
      expect(server.output).not.toContain('listening');
    } finally {
      project.remove('src/controllers/Wrong.ts');
    }
  });

  it('says what is wrong with a controller, without a stack, and gives the folder back', async () => {
    project.write('src/controllers/Twin.ts', controller('Twin', '/test/ping', 'twin'));
    const dataDir = project.dataDir();
    try {
      const server = project.start({ DATA_DIR: dataDir }, START);
      expect(await server.ended()).toEqual({ code: 1, signal: null });
      expect(server.stderr).toMatch(/^the application can't start: 1 error\n +1\. error duplicate-route: /);
      expect(server.stderr).not.toMatch(/^ +at /m);
    } finally {
      project.remove('src/controllers/Twin.ts');
    }
    const after = project.start({ DATA_DIR: dataDir }, START);
    await after.url();
    await after.stop();
  });

  it('ends with 1 and a line in the log where a promise is rejected and nobody handles it', async () => {
    project.write(
      'src/controllers/Careless.ts',
      `import { GET, Path } from 'koanatomy';
@Path('/careless')
export class Careless {
  @GET answer() { void Promise.reject(new Error('nobody cares')); return {}; }
}
`,
    );
    try {
      const server = project.start({ DATA_DIR: project.dataDir() }, START);
      await fetch(`${await server.url()}/careless`).catch(() => {});
      expect(await server.ended()).toEqual({ code: 1, signal: null });
      expect(server.log).toContainEqual(
        expect.objectContaining({ level: 60, err: expect.objectContaining({ message: 'nobody cares' }) }),
      );
    } finally {
      project.remove('src/controllers/Careless.ts');
    }
  });
});

describe('npm start', { timeout: 120_000 }, () => {
  const NPM = ['npm', 'start', '--silent'];

  it('stops cleanly and leaves no process when npm is sent SIGTERM', async () => {
    const npm = project.start({ DATA_DIR: project.dataDir() }, NPM);
    await npm.url();
    npm.signal('SIGTERM');
    // Ends only when everybody who has its output has ended.
    await npm.ended();
    expect(npm.log.map(({ msg }) => msg)).toEqual(['SIGTERM: stopping', 'stopped']);
  });

  it('stops cleanly and leaves no process at Ctrl-C', async () => {
    const npm = project.start({ DATA_DIR: project.dataDir() }, NPM);
    await npm.url();
    npm.interruptGroup();
    await npm.ended();
    expect(npm.log.map(({ msg }) => msg)).toEqual(['SIGINT: stopping', 'stopped']);
  });
});

describe('scripts/dev.mjs', { timeout: 240_000 }, () => {
  it('restarts on every change, stays on errors, and Ctrl-C stops all', async () => {
    const dev = project.start({ DATA_DIR: project.dataDir() }, [process.execPath, 'scripts/dev.mjs']);
    let since = 0;
    const restarted = async (): Promise<string> => {
      const url = await dev.url(since);
      since = dev.stdout.length;
      return url;
    };
    expect(await get(`${await restarted()}/test/ping`)).toEqual({ ping: 'pong' });

    project.write('src/controllers/made/Made.ts', controller('Made', '/made', 'one'));
    expect(await get(`${await restarted()}/made`)).toEqual({ answer: 'one' });

    project.write(
      'src/controllers/made/Made.ts',
      `${controller('Made', '/made', 'x')}export const wrong: number = '';\n`,
    );
    await dev.prints(/TS2322[\s\S]*it does not build; the server runs what did/, since);
    const { 1: url = '' } =
      /listening on (http:\S+),/.exec(dev.stdout.slice(dev.stdout.lastIndexOf('listening'))) ?? [];
    expect(await get(`${url}/made`)).toEqual({ answer: 'one' });

    project.write('src/controllers/made/Made.ts', controller('Made', '/made', 'two'));
    expect(await get(`${await restarted()}/made`)).toEqual({ answer: 'two' });

    project.write('src/controllers/Twin.ts', controller('Twin', '/made', 'twin'));
    await dev.prints(/the server ended \(code 1\); waiting for a change/, since);

    project.remove('src/controllers/Twin.ts');
    project.remove('src/controllers/made/Made.ts');
    expect(await get(`${await restarted()}/made`)).toMatchObject({ status: 404 });

    dev.interruptGroup();
    expect(await dev.ended()).toEqual({ code: 0, signal: null });
    expect(dev.log.at(-1)).toMatchObject({ msg: 'stopped' });
  });
});
