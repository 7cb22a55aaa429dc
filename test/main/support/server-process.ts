import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

/** An environment without what the test runner has put into its own. */
export function cleanEnv(env: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR === undefined ? null : { TMPDIR }), ...env };
}

/** How a process ended: with a code, or by a signal. */
export interface End {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A process whose output can be waited for. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #grown = new EventEmitter();
  readonly #ended: Promise<End>;
  #gone = false;
  stdout = '';
  stderr = '';

  constructor(command: readonly string[], cwd: string, env: Record<string, string>) {
    const [program = '', ...args] = command;
    // In a group of its own, as a terminal has one, which Ctrl-C goes to.
    const child = spawn(program, args, {
      cwd,
      env: cleanEnv(env),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#grown.emit('output');
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#grown.emit('output');
    });
    // `close` comes when everybody who has the output is gone, so also what the process itself started.
    this.#ended = once(child, 'close').then(([code, signal]) => {
      this.#gone = true;
      this.#grown.emit('output');
      return { code, signal } as End;
    });
    this.#grown.setMaxListeners(0);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get output(): string {
    return this.stdout + this.stderr;
  }

  /** Waits until the output, from `since` on, has something; fails where the process ends without it. */
  async prints(pattern: RegExp, since = 0): Promise<RegExpExecArray> {
    for (;;) {
      const match =
        pattern.exec(this.stdout.slice(since)) ?? (since === 0 ? pattern.exec(this.stderr) : null);
      if (match !== null) return match;
      if (this.#gone) throw new Error(`it ended without printing ${pattern}:\n${this.output}`);
      await once(this.#grown, 'output');
    }
  }

  /** Where it listens, once it does; the last place where it has listened at several. */
  async url(since = 0): Promise<string> {
    const [, url = ''] = await this.prints(/listening on (http:\S+),/, since);
    return url;
  }

  /** What it has logged, so far. */
  get log(): readonly Record<string, unknown>[] {
    return this.stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Waits for the end of the process and of everything that it started. */
  ended(): Promise<End> {
    return this.#ended;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** What a terminal does at Ctrl-C. */
  interruptGroup(): void {
    process.kill(-this.pid, 'SIGINT');
  }

  stop(): Promise<End> {
    this.signal('SIGTERM');
    return this.#ended;
  }

  async kill(): Promise<End> {
    if (!this.#gone) {
      try {
        process.kill(-this.pid, 'SIGKILL');
      } catch {
        // The group is gone, and its output will be.
      }
    }
    return await this.#ended;
  }
}
