import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/**
 * The settings, from the environment. One that is absent or empty has its default.
 *
 * | setting | value | default |
 * | --- | --- | --- |
 * | `PORT` | the TCP port, 0 to 65535; 0 takes any free one | 3000 |
 * | `HOST` | the address or name to listen on; `0.0.0.0` or `::` for all | 127.0.0.1 |
 * | `DATABASE_URL` | `postgres://user:password@host:5432/database`: a PostgreSQL server in place of the embedded one | none |
 * | `DATABASE_POOL_SIZE` | the most connections to that server, 1 to 1000 | 10 |
 * | `DATA_DIR` | the folder of the embedded database, made where there is none | `data` beside the project |
 * | `LOG_LEVEL` | trace, debug, info, warn, error, fatal or silent; requests are logged at info | info |
 * | `SHUTDOWN_TIMEOUT` | the seconds that requests in flight have when the server stops, 0 to 3600 | 10 |
 * | `TRUST_PROXY` | who is believed in `X-Forwarded-*` and `X-Request-Id`: true for everybody, false for nobody, or a list of addresses and ranges with commas between them, such as `loopback,10.0.0.0/8` | false |
 */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Null for the embedded database. */
  readonly databaseUrl: string | null;
  readonly databasePoolSize: number;
  /** Absolute. */
  readonly dataDir: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Milliseconds. */
  readonly shutdownTimeout: number;
  readonly trustProxy: boolean | readonly string[];
}

/** Thrown where settings are wrong: all of them at once, each by its name and with what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    const head = problems.length === 1 ? 'a setting is wrong' : `${problems.length} settings are wrong`;
    super([`${head}:`, ...problems.map((problem) => `  ${problem}`)].join('\n'));
  }
}

/** Reads one setting's text; undefined where it isn't what was expected. */
type Read<T> = (text: string) => T | undefined;

const DATA_DIR = fileURLToPath(new URL('../data', import.meta.url));

/**
 * Reads the settings.
 *
 * @throws ConfigError
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];

  function setting<T>(name: string, fallback: T, expected: string, read: Read<T>, secret = false): T {
    const text = env[name]?.trim() ?? '';
    if (text === '') return fallback;
    const value = read(text);
    if (value !== undefined) return value;
    problems.push(`${name} must be ${expected}${secret ? '' : `, not ${JSON.stringify(text)}`}`);
    return fallback;
  }

  const config: Config = {
    port: setting('PORT', 3000, 'a port from 0 to 65535', whole(0, 65_535)),
    host: setting('HOST', '127.0.0.1', 'an address or a host name', host),
    databaseUrl: setting(
      'DATABASE_URL',
      null,
      'a URL such as postgres://user:password@host:5432/database',
      postgresUrl,
      // What is wrong with it may be where its password ended up.
      true,
    ),
    databasePoolSize: setting('DATABASE_POOL_SIZE', 10, 'a whole number from 1 to 1000', whole(1, 1000)),
    dataDir: setting('DATA_DIR', DATA_DIR, 'the path of a folder', folder),
    logLevel: setting('LOG_LEVEL', 'info', `one of ${LOG_LEVELS.join(', ')}`, (text) =>
      LOG_LEVELS.find((level) => level === text),
    ),
    shutdownTimeout: setting('SHUTDOWN_TIMEOUT', 10_000, 'a number of seconds from 0 to 3600', seconds(3600)),
    trustProxy: setting<Config['trustProxy']>(
      'TRUST_PROXY',
      false,
      'true, false, or a list of addresses and ranges',
      proxies,
    ),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function whole(least: number, most: number): Read<number> {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  };
}

/** To milliseconds. */
function seconds(most: number): Read<number> {
  return (text) => {
    const value = /^\d{1,9}(?:\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
    return value <= most ? Math.round(value * 1000) : undefined;
  };
}

/** Whether it exists, only listening tells. */
function host(text: string): string | undefined {
  return /^[\w.:%-]+$/.test(text) ? text : undefined;
}

function postgresUrl(text: string): string | undefined {
  if (!/^postgres(?:ql)?:\/\//.test(text)) return undefined;
  return URL.canParse(text) ? text : undefined;
}

/** Relative to the working directory. */
function folder(text: string): string | undefined {
  return text.includes('\0') ? undefined : resolve(text);
}

function proxies(text: string): boolean | readonly string[] | undefined {
  if (text === 'true') return true;
  if (text === 'false') return false;
  const list = text.split(',').map((each) => each.trim());
  return list.every((each) => each === 'loopback' || isRange(each)) ? list : undefined;
}

function isRange(text: string): boolean {
  const [, address = '', bits = '0'] = /^([\da-f:.]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  return isIP(address) !== 0 && Number(bits) <= (isIP(address) === 4 ? 32 : 128);
}
