import { type Application, createApp, createContainer, type Logger } from 'koanatomy';
import { CaseStore } from './backend/CaseStore.js';
import type { Database } from './backend/schema.js';
import { CaseService } from './services/CaseService.js';

/** What the application is made of. */
export interface AppParts {
  readonly database: Database;
  /** Default: warnings and errors to standard error, no line per request. */
  readonly logger?: Logger | false;
  /** Who is believed in `X-Forwarded-*` and `X-Request-Id`: everybody, or proxies by address. Default false. */
  readonly proxy?: boolean | readonly string[];
}

/**
 * The application, which doesn't listen yet: tests give its `callback()` to supertest.
 *
 * Every controller in the folder beside this file is served. Services that have parts of their own are made
 * here and bound by their class; one without is made where a controller's constructor asks for it.
 *
 * @throws StartupError where the controllers have errors.
 */
export function buildApp({ database, logger, proxy = false }: AppParts): Promise<Application> {
  const container = createContainer([[CaseService, new CaseService(new CaseStore(database))]]);
  return createApp({
    controllers: new URL('./controllers/', import.meta.url),
    container,
    proxy,
    ...(logger === undefined ? null : { logger }),
  });
}
