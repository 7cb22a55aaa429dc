import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { cleanEnv, ServerProcess } from './server-process.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const PARTS = ['src', 'scripts', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

/** A copy of the project in a folder of its own, built there, so that tests can change it. */
export class Project {
  readonly #parent = mkdtempSync(join(tmpdir(), 'koanatomy-project-'));
  readonly folder = join(this.#parent, 'project');
  readonly #servers: ServerProcess[] = [];
  #databases = 0;

  static async create(): Promise<Project> {
    const project = new Project();
    mkdirSync(project.folder);
    for (const part of PARTS) cpSync(join(ROOT, part), join(project.folder, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(project.folder, 'node_modules'), 'dir');
    await project.run('scripts/build.mjs');
    // Making a database takes seconds; the tests have copies of this one.
    const first = project.start({ DATA_DIR: project.path('database-0') });
    await first.url();
    await first.stop();
    return project;
  }

  /** A path outside of the project that goes with it. */
  path(name: string): string {
    return join(this.#parent, name);
  }

  /** The folder of a database with the schema and no cases. */
  dataDir(): string {
    const folder = this.path(`database-${++this.#databases}`);
    cpSync(this.path('database-0'), folder, { recursive: true });
    return folder;
  }

  write(file: string, text: string): void {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  remove(file: string): void {
    rmSync(join(this.folder, file));
  }

  /** The built server, on any free port. */
  start(
    env: Record<string, string>,
    command: readonly string[] = [process.execPath, 'dist/main.js'],
  ): ServerProcess {
    const server = new ServerProcess(command, this.folder, { PORT: '0', ...env });
    this.#servers.push(server);
    return server;
  }

  /** A script, to its end. */
  async run(script: string): Promise<{ code: number; output: string }> {
    const options = { cwd: this.folder, env: cleanEnv({}) };
    return await promisify(execFile)(process.execPath, [script], options).then(
      ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
      ({ code, stdout, stderr }) => ({ code, output: stdout + stderr }),
    );
  }

  /** Ends what a failed test left running, and removes everything. */
  async remains(): Promise<void> {
    for (const server of this.#servers) await server.kill();
    rmSync(this.#parent, { recursive: true, force: true });
  }
}
