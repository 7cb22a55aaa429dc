import { type Logger, pino } from 'pino';

/** How and where to log. */
export interface LogSettings {
  readonly level: string;
  /** Lines for people, in place of a JSON object a line. */
  readonly pretty: boolean;
  /** The descriptor of an open file. Default standard output. */
  readonly descriptor?: number;
}

/** The log. It is written before a call returns, so that the last lines before an end are there. */
export async function createLogger({ level, pretty, descriptor = 1 }: LogSettings): Promise<Logger> {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (!pretty) return pino(options, pino.destination({ fd: descriptor, sync: true }));
  // Of a request's line the fields are in the message already, save for its id and how long it took.
  const ignore = 'pid,hostname,method,path,status,handler';
  const { default: prettify } = await import('pino-pretty');
  return pino(options, prettify({ destination: descriptor, sync: true, ignore, singleLine: true }));
}
