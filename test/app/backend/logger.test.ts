import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/backend/logger.js';

let folder: string;
let descriptor: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'koanatomy-log-'));
  descriptor = openSync(join(folder, 'log'), 'w');
});
afterEach(() => {
  closeSync(descriptor);
  rmSync(folder, { recursive: true });
});

const written = (): string => readFileSync(join(folder, 'log'), 'utf8');
const request = { id: 'an-id', method: 'GET', path: '/x', status: 200, ms: 1.5, handler: 'C.x' };

describe('the log', () => {
  it('is a JSON object a line, written before the call returns', async () => {
    const logger = await createLogger({ level: 'info', pretty: false, descriptor });
    logger.info(request, 'GET /x 200');
    expect(JSON.parse(written())).toEqual({
      level: 30,
      time: expect.any(String),
      ...request,
      msg: 'GET /x 200',
    });
  });

  it('is for people on a terminal: the message, the id and the time it took', async () => {
    const logger = await createLogger({ level: 'info', pretty: true, descriptor });
    logger.info(request, 'GET /x 200');
    expect(written()).toMatch(/INFO.*GET \/x 200.*an-id.*1\.5/);
    expect(written()).not.toContain('C.x');
  });

  it('has an error’s cause, and none of the values that a driver adds to it', async () => {
    const logger = await createLogger({ level: 'info', pretty: false, descriptor });
    const cause = Object.assign(new Error('no such table'), { params: ['a secret'] });
    logger.error({ err: new Error('Failed to find', { cause }) }, 'a request failed');
    expect(written()).toContain('no such table');
    expect(written()).not.toContain('a secret');
  });

  it('leaves out what is below its level', async () => {
    const logger = await createLogger({ level: 'warn', pretty: false, descriptor });
    logger.info('nothing');
    expect(written()).toBe('');
  });
});
