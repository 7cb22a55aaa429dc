import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../src/config.js';

const ROOT = resolve(import.meta.dirname, '../..');

function problems(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
  return [];
}

describe('the settings', () => {
  it('have defaults', () => {
    expect(readConfig({})).toEqual({
      port: 3000,
      host: '127.0.0.1',
      databaseUrl: null,
      databasePoolSize: 10,
      dataDir: join(ROOT, 'data'),
      logLevel: 'info',
      shutdownTimeout: 10_000,
      trustProxy: false,
    });
  });

  it('come from the environment', () => {
    const env = {
      PORT: '0',
      HOST: '::1',
      DATABASE_URL: 'postgresql://me:secret@db:5433/cases?sslmode=require',
      DATABASE_POOL_SIZE: '3',
      DATA_DIR: 'here',
      LOG_LEVEL: 'warn',
      SHUTDOWN_TIMEOUT: '0.25',
      TRUST_PROXY: 'true',
    };
    expect(readConfig(env)).toEqual({
      port: 0,
      host: '::1',
      databaseUrl: env.DATABASE_URL,
      databasePoolSize: 3,
      dataDir: resolve('here'),
      logLevel: 'warn',
      shutdownTimeout: 250,
      trustProxy: true,
    });
  });

  it('have their defaults where they are empty', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: ' ', TRUST_PROXY: '' })).toEqual(readConfig({}));
  });

  it('have the proxies that are believed as a list', () => {
    const { trustProxy } = readConfig({ TRUST_PROXY: 'loopback, 10.0.0.0/8,2001:db8::1' });
    expect(trustProxy).toEqual(['loopback', '10.0.0.0/8', '2001:db8::1']);
  });

  it.each([
    ['PORT', '65536', 'PORT must be a port from 0 to 65535, not "65536"'],
    ['PORT', '-1', 'PORT must be a port from 0 to 65535, not "-1"'],
    ['PORT', '80.5', 'PORT must be a port from 0 to 65535, not "80.5"'],
    ['PORT', '0x50', 'PORT must be a port from 0 to 65535, not "0x50"'],
    ['HOST', 'http://localhost', 'HOST must be an address or a host name, not "http://localhost"'],
    ['DATABASE_POOL_SIZE', '0', 'DATABASE_POOL_SIZE must be a whole number from 1 to 1000, not "0"'],
    [
      'LOG_LEVEL',
      'INFO',
      'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent, not "INFO"',
    ],
    ['SHUTDOWN_TIMEOUT', '10s', 'SHUTDOWN_TIMEOUT must be a number of seconds from 0 to 3600, not "10s"'],
    ['SHUTDOWN_TIMEOUT', '3601', 'SHUTDOWN_TIMEOUT must be a number of seconds from 0 to 3600, not "3601"'],
    ['TRUST_PROXY', 'yes', 'TRUST_PROXY must be true, false, or a list of addresses and ranges, not "yes"'],
    [
      'TRUST_PROXY',
      '10.0.0.0/33',
      'TRUST_PROXY must be true, false, or a list of addresses and ranges, not "10.0.0.0/33"',
    ],
    [
      'TRUST_PROXY',
      '10.0.0.1,',
      'TRUST_PROXY must be true, false, or a list of addresses and ranges, not "10.0.0.1,"',
    ],
    [
      'TRUST_PROXY',
      '::1/129',
      'TRUST_PROXY must be true, false, or a list of addresses and ranges, not "::1/129"',
    ],
  ])('refuse %s=%s, and say what was expected', (name, value, problem) => {
    expect(problems({ [name]: value })).toEqual([problem]);
  });

  it.each([
    'mysql://root:hunter2@db/x',
    'hunter2',
    'postgres://u:hunter2@:bad:/x',
    'postgres:hunter2',
  ])('refuse a DATABASE_URL that is none, without showing it', (url) => {
    const [problem] = problems({ DATABASE_URL: url });
    expect(problem).toContain('DATABASE_URL must be a URL such as postgres://');
    expect(problem).not.toContain('hunter2');
  });

  it('are all refused at once', () => {
    const wrong = { PORT: 'x', LOG_LEVEL: 'loud', TRUST_PROXY: '1' };
    expect(problems(wrong).map((problem) => problem.split(' ')[0])).toEqual(Object.keys(wrong));
    expect(() => readConfig(wrong)).toThrow(/^3 settings are wrong:\n {2}PORT .*\n {2}LOG_LEVEL .*\n/);
    expect(() => readConfig({ PORT: 'x' })).toThrow(/^a setting is wrong:\n/);
  });
});
