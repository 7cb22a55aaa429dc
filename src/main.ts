import { formatRoutes, StartupError } from 'koanatomy';
import type { Logger } from 'pino';
import { buildApp } from './app.js';
import { DatabaseUnavailableError, type OpenDatabase, openDatabase } from './backend/database.js';
import { createLogger } from './backend/logger.js';
import { type Config, ConfigError, readConfig } from './config.js';
import { checkAddress, ListenError, type Listening, listen } from './listen.js';

/** Milliseconds that the database has to close, once no request is left. */
const CLOSE_TIMEOUT = 5000;

/**
 * Milliseconds within which a second SIGINT is the same Ctrl-C: the terminal sends it to every process of the
 * group, and npm, which is one of them, passes it on to the one it runs.
 */
const SAME_INTERRUPT = 500;

/** What is open, to be closed when the process stops. */
interface Open {
  database: OpenDatabase | null;
  server: Listening | null;
}

await main();

async function main(): Promise<void> {
  const open: Open = { database: null, server: null };
  try {
    const config = readConfig(process.env);
    const logger = await createLogger({ level: config.logLevel, pretty: process.stdout.isTTY });
    const stopped = stopOnSignals(config, logger, open);
    failOnFaults(logger);
    await start(config, logger, open, () => stopped.requested);
    // A signal that came meanwhile found less open than there is now.
    if (stopped.requested) await stop(config, logger, open);
  } catch (error) {
    await open.database?.close().catch(() => {});
    console.error(isPlain(error) ? error.message : error);
    process.exit(1);
  }
}

/** In an order in which what is cheap, and what most often fails, comes first. */
async function start(config: Config, logger: Logger, open: Open, stopped: () => boolean): Promise<void> {
  await checkAddress(config);
  open.database = await openDatabase(config, (err) =>
    logger.warn({ err }, 'a connection to the database broke; another takes its place'),
  );
  const app = await buildApp({ database: open.database.database, logger, proxy: config.trustProxy });
  if (stopped()) return;
  open.server = await listen(app, config);
  console.log(`${formatRoutes(app.routes)}\n`);
  console.log(`listening on ${open.server.url}, ready in ${(performance.now() / 1000).toFixed(2)} s`);
}

/** Ends the process: 0 where everything was closed, 1 where the database couldn't be. */
async function stop({ shutdownTimeout }: Config, logger: Logger, { server, database }: Open): Promise<never> {
  const cut = (await server?.stop(shutdownTimeout)) ?? 0;
  if (cut > 0) logger.warn({ connections: cut }, 'connections were cut: their requests took too long');
  try {
    await within(CLOSE_TIMEOUT, database?.close());
  } catch (err) {
    logger.error({ err }, 'the database could not be closed');
    process.exit(1);
  }
  logger.info('stopped');
  process.exit(0);
}

/** The first SIGTERM or SIGINT stops the server; a second SIGINT ends the process at once. */
function stopOnSignals(config: Config, logger: Logger, open: Open): { readonly requested: boolean } {
  const state = { requested: false };
  let since = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (state.requested) {
      if (signal === 'SIGINT' && performance.now() - since > SAME_INTERRUPT) process.exit(130);
      return;
    }
    state.requested = true;
    since = performance.now();
    // What the log says is so: nothing is accepted any more when it says that.
    if (open.server !== null) void stop(config, logger, open);
    const hint = process.stdout.isTTY ? '; Ctrl-C again ends it at once' : '';
    logger.info(`${signal}: stopping${hint}`);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return state;
}

/** After a fault that nobody handled, what is in memory can't be trusted. */
function failOnFaults(logger: Logger): void {
  process.on('unhandledRejection', (err) => {
    logger.fatal({ err }, 'a promise was rejected and nobody handled it');
    process.exit(1);
  });
  process.on('uncaughtException', (err) => {
    logger.fatal({ err }, 'an error was thrown and nobody caught it');
    process.exit(1);
  });
}

/** Errors that tell whoever starts the server what to do; their stack would only hide it. */
function isPlain(error: unknown): error is Error {
  return [ConfigError, ListenError, DatabaseUnavailableError, StartupError].some(
    (type) => error instanceof type,
  );
}

async function within(timeout: number, work: Promise<void> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${timeout} ms`)), timeout);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
