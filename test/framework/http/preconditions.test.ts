import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EntityTag, formatEntityTag, parseEntityTag } from '../../../src/framework/http/entity-tag.js';
import { formatHttpDate } from '../../../src/framework/http/http-date.js';
import {
  evaluate,
  parsePreconditions,
  type Validators,
  type Verdict,
} from '../../../src/framework/http/preconditions.js';
import { anyText } from './any-text.js';

const SATURDAY = 'Sat, 29 Oct 1994 19:43:31 GMT';
const SECOND_BEFORE = 'Sat, 29 Oct 1994 19:43:30 GMT';
const SECOND_AFTER = 'Sat, 29 Oct 1994 19:43:32 GMT';
const FAR_AHEAD = 'Fri, 31 Dec 9999 23:59:59 GMT';

function tag(text: string): EntityTag {
  const read = parseEntityTag(text);
  if (read === null) throw new Error(`${text} is no entity tag`);
  return read;
}

/** JSON is selected, there is XML too, and the last modification was within a second. */
const CURRENT: Validators = {
  etags: [tag('"7-json"'), tag('"7-xml"'), tag('W/"7"')],
  etag: tag('"7-json"'),
  lastModified: new Date('1994-10-29T19:43:31.500Z'),
};
const WEAK: Validators = { ...CURRENT, etags: [tag('W/"7"')], etag: tag('W/"7"') };
const BARE: Validators = { etags: [], etag: null, lastModified: null };

function verdict(method: string, headers: IncomingHttpHeaders, current: Validators | null): Verdict {
  const preconditions = parsePreconditions(headers);
  return preconditions === null ? 'proceed' : evaluate(preconditions, method, current);
}

type Case = [section: string, method: string, headers: IncomingHttpHeaders, verdict: Verdict];

describe('a resource with representations', () => {
  it.each<Case>([
    ['§13.1.1', 'PUT', { 'if-match': '"7-json"' }, 'proceed'],
    ['§13.1.1', 'PUT', { 'if-match': '"6", "7-json"' }, 'proceed'],
    ['§13.1.1', 'PUT', { 'if-match': '"7-xml"' }, 'proceed'],
    ['§13.1.1', 'PUT', { 'if-match': '"6"' }, 'failed'],
    ['§13.1.1', 'PUT', { 'if-match': '*' }, 'proceed'],
    ['§13.1.1', 'PUT', { 'if-match': '"*"' }, 'failed'],
    ['§13.1.1', 'PUT', { 'if-match': '' }, 'failed'],
    ['§13.1.1', 'PUT', { 'if-match': '*, *' }, 'failed'],
    ['§13.1.1', 'PUT', { 'if-match': '*, "7-json"' }, 'failed'],
    ['§13.1.1', 'PUT', { 'if-match': '7-json' }, 'failed'],
    ['§13.1.1', 'PUT', { 'if-match': '"7-json", 6' }, 'failed'],
    ['§13.1.1', 'DELETE', { 'if-match': '"6"' }, 'failed'],
    ['§13.1.1', 'PURGE', { 'if-match': '"6"' }, 'failed'],
    ['§13.1.1, strongly', 'PUT', { 'if-match': 'W/"7-json"' }, 'failed'],
    ['§13.1.1, strongly', 'PUT', { 'if-match': '"7"' }, 'failed'],
    ['§13.1.1, strongly', 'PUT', { 'if-match': 'W/"7"' }, 'failed'],
    ['§13.1.1, selected', 'GET', { 'if-match': '"7-json"' }, 'proceed'],
    ['§13.1.1, selected', 'GET', { 'if-match': '"7-xml"' }, 'failed'],
    ['§13.1.1, selected', 'HEAD', { 'if-match': '"7-xml"' }, 'failed'],
    ['§13.1.2', 'GET', { 'if-none-match': '"7-json"' }, 'not-modified'],
    ['§13.1.2', 'HEAD', { 'if-none-match': '"7-json"' }, 'not-modified'],
    ['§13.1.2', 'GET', { 'if-none-match': '"6" , "7-json"' }, 'not-modified'],
    ['§13.1.2', 'GET', { 'if-none-match': '"6"' }, 'proceed'],
    ['§13.1.2', 'GET', { 'if-none-match': '*' }, 'not-modified'],
    ['§13.1.2', 'GET', { 'if-none-match': '' }, 'proceed'],
    ['§13.1.2', 'GET', { 'if-none-match': '7-json' }, 'proceed'],
    ['§13.1.2', 'GET', { 'if-none-match': '"7-json", *' }, 'proceed'],
    ['§13.1.2', 'PUT', { 'if-none-match': '*' }, 'failed'],
    ['§13.1.2', 'PUT', { 'if-none-match': '"7-json"' }, 'failed'],
    ['§13.1.2', 'PUT', { 'if-none-match': '"7-xml"' }, 'failed'],
    ['§13.1.2', 'PUT', { 'if-none-match': '"6"' }, 'proceed'],
    ['§13.1.2, weakly', 'GET', { 'if-none-match': 'W/"7-json"' }, 'not-modified'],
    ['§13.1.2, weakly', 'PUT', { 'if-none-match': '"7"' }, 'failed'],
    ['§13.1.2, selected', 'GET', { 'if-none-match': '"7-xml"' }, 'proceed'],
    ['§13.1.2, selected', 'get', { 'if-none-match': '"7-json"' }, 'failed'],
    ['§13.1.3', 'GET', { 'if-modified-since': SATURDAY }, 'not-modified'],
    ['§13.1.3', 'HEAD', { 'if-modified-since': SECOND_AFTER }, 'not-modified'],
    ['§13.1.3', 'GET', { 'if-modified-since': SECOND_BEFORE }, 'proceed'],
    ['§13.1.3', 'GET', { 'if-modified-since': FAR_AHEAD }, 'not-modified'],
    ['§13.1.3', 'GET', { 'if-modified-since': 'Saturday, 29-Oct-94 19:43:31 GMT' }, 'not-modified'],
    ['§13.1.3, no date', 'GET', { 'if-modified-since': '1994-10-29T19:43:31Z' }, 'proceed'],
    ['§13.1.3, no date', 'GET', { 'if-modified-since': '' }, 'proceed'],
    ['§13.1.3, two dates', 'GET', { 'if-modified-since': `${SATURDAY}, ${SATURDAY}` }, 'proceed'],
    ['§13.1.3, another method', 'PUT', { 'if-modified-since': SATURDAY }, 'proceed'],
    ['§13.1.3, beside', 'GET', { 'if-none-match': '"6"', 'if-modified-since': SATURDAY }, 'proceed'],
    ['§13.1.3, beside', 'GET', { 'if-none-match': '!', 'if-modified-since': SATURDAY }, 'proceed'],
    [
      '§13.1.3, beside',
      'GET',
      { 'if-none-match': '"7-json"', 'if-modified-since': SECOND_BEFORE },
      'not-modified',
    ],
    ['§13.1.4', 'PUT', { 'if-unmodified-since': SATURDAY }, 'proceed'],
    ['§13.1.4', 'PUT', { 'if-unmodified-since': SECOND_AFTER }, 'proceed'],
    ['§13.1.4', 'PUT', { 'if-unmodified-since': SECOND_BEFORE }, 'failed'],
    ['§13.1.4', 'GET', { 'if-unmodified-since': SECOND_BEFORE }, 'failed'],
    ['§13.1.4, no date', 'PUT', { 'if-unmodified-since': 'yesterday' }, 'proceed'],
    ['§13.1.4, two dates', 'PUT', { 'if-unmodified-since': `${SECOND_BEFORE}, ${SECOND_BEFORE}` }, 'proceed'],
    ['§13.1.4, beside', 'PUT', { 'if-match': '"7-json"', 'if-unmodified-since': SECOND_BEFORE }, 'proceed'],
    ['§13.1.4, beside', 'PUT', { 'if-match': '"6"', 'if-unmodified-since': SATURDAY }, 'failed'],
    ['§13.2.1', 'OPTIONS', { 'if-match': '"6"' }, 'proceed'],
    ['§13.2.1', 'TRACE', { 'if-none-match': '*' }, 'proceed'],
    ['§13.2.1', 'CONNECT', { 'if-unmodified-since': SECOND_BEFORE }, 'proceed'],
    ['§13.2.2, 1 before 3', 'GET', { 'if-match': '"6"', 'if-none-match': '"7-json"' }, 'failed'],
    ['§13.2.2, 1 then 3', 'GET', { 'if-match': '"7-json"', 'if-none-match': '"7-json"' }, 'not-modified'],
    ['§13.2.2, 1 then 4', 'GET', { 'if-match': '*', 'if-modified-since': SATURDAY }, 'not-modified'],
    [
      '§13.2.2, 2 before 3',
      'GET',
      { 'if-unmodified-since': SECOND_BEFORE, 'if-none-match': '"7-json"' },
      'failed',
    ],
    [
      '§13.2.2, 2 before 4',
      'GET',
      { 'if-unmodified-since': SECOND_BEFORE, 'if-modified-since': SATURDAY },
      'failed',
    ],
    [
      '§13.2.2, 2 then 4',
      'GET',
      { 'if-unmodified-since': SATURDAY, 'if-modified-since': SATURDAY },
      'not-modified',
    ],
    ['§13.2.2, 1 then 3', 'PUT', { 'if-match': '*', 'if-none-match': '*' }, 'failed'],
  ])('%s: %s %j is answered: %s', (_section, method, headers, expected) => {
    expect(verdict(method, headers, CURRENT)).toBe(expected);
  });

  it.each<Case>([
    ['§13.1.1, strongly', 'PUT', { 'if-match': 'W/"7"' }, 'failed'],
    ['§13.1.1, strongly', 'PUT', { 'if-match': '"7"' }, 'failed'],
    ['§13.1.1, strongly', 'GET', { 'if-match': '"7"' }, 'failed'],
    ['§13.1.1', 'PUT', { 'if-match': '*' }, 'proceed'],
    ['§13.1.2, weakly', 'GET', { 'if-none-match': 'W/"7"' }, 'not-modified'],
    ['§13.1.2, weakly', 'GET', { 'if-none-match': '"7"' }, 'not-modified'],
  ])('with a weak tag only, %s: %s %j is answered: %s', (_section, method, headers, expected) => {
    expect(verdict(method, headers, WEAK)).toBe(expected);
  });

  it.each<Case>([
    ['§13.1.1', 'PUT', { 'if-match': '""' }, 'failed'],
    ['§13.1.1', 'GET', { 'if-match': '""' }, 'failed'],
    ['§13.1.1', 'PUT', { 'if-match': '*' }, 'proceed'],
    ['§13.1.2', 'GET', { 'if-none-match': '""' }, 'proceed'],
    ['§13.1.2', 'GET', { 'if-none-match': '*' }, 'not-modified'],
    ['§13.1.3', 'GET', { 'if-modified-since': FAR_AHEAD }, 'proceed'],
    ['§13.1.4', 'PUT', { 'if-unmodified-since': SECOND_BEFORE }, 'proceed'],
  ])('with no validators, %s: %s %j is answered: %s', (_section, method, headers, expected) => {
    expect(verdict(method, headers, BARE)).toBe(expected);
  });
});

describe('a resource without a current representation', () => {
  it.each<Case>([
    ['§13.1.1', 'PUT', { 'if-match': '*' }, 'failed'],
    ['§13.1.1', 'PUT', { 'if-match': '"7-json"' }, 'failed'],
    ['§13.1.1', 'GET', { 'if-match': '*' }, 'failed'],
    ['§13.1.2', 'PUT', { 'if-none-match': '*' }, 'proceed'],
    ['§13.1.2', 'PUT', { 'if-none-match': '"7-json"' }, 'proceed'],
    ['§13.1.2', 'GET', { 'if-none-match': '*' }, 'proceed'],
    ['§13.1.3', 'GET', { 'if-modified-since': FAR_AHEAD }, 'proceed'],
    ['§13.1.4', 'PUT', { 'if-unmodified-since': SECOND_BEFORE }, 'proceed'],
    ['§13.2.1', 'OPTIONS', { 'if-match': '*' }, 'proceed'],
  ])('%s: %s %j is answered: %s', (_section, method, headers, expected) => {
    expect(verdict(method, headers, null)).toBe(expected);
  });
});

describe('the preconditions of a request', () => {
  it.each<[name: string, headers: IncomingHttpHeaders]>([
    ['none', {}],
    ['others', { range: 'bytes=0-1', 'if-range': '"a"', if: '(<urn:x>)' }],
    ['dates that are none', { 'if-modified-since': 'x', 'if-unmodified-since': 'y' }],
  ])('are null where there is nothing to evaluate: %s', (_name, headers) => {
    expect(parsePreconditions(headers)).toBeNull();
  });

  it('tell which of them are there, §13.1.3 and §13.1.4', () => {
    const dates = { 'if-modified-since': SATURDAY, 'if-unmodified-since': SECOND_AFTER };
    expect(parsePreconditions(dates)).toEqual({
      ifMatch: null,
      ifUnmodifiedSince: new Date(SECOND_AFTER),
      ifNoneMatch: null,
      ifModifiedSince: new Date(SATURDAY),
    });
    expect(parsePreconditions({ ...dates, 'if-match': '"a", W/"b"', 'if-none-match': '*' })).toEqual({
      ifMatch: [tag('"a"'), tag('W/"b"')],
      ifUnmodifiedSince: null,
      ifNoneMatch: '*',
      ifModifiedSince: null,
    });
  });

  it('come from Node joined where they are lists, §5.3, and once where they are dates', async () => {
    const server = createServer((req, res) => {
      res.end(JSON.stringify(parsePreconditions(req.headers)));
    }).listen(0);
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port);
    socket.end(
      Buffer.from(
        [
          'GET / HTTP/1.0',
          'If-Match: "a,b"',
          'If-Match: W/"caf\xe9"',
          'If-Match:',
          `If-Modified-Since: ${SATURDAY}`,
          `If-Modified-Since: ${SECOND_AFTER}`,
          '\r\n',
        ].join('\r\n'),
        'latin1',
      ),
    );
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    server.close();
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toEqual({
      ifMatch: [tag('"a,b"'), tag('W/"caf\xe9"')],
      ifUnmodifiedSince: null,
      ifNoneMatch: null,
      ifModifiedSince: new Date(SATURDAY).toISOString(),
    });
  });
});

describe('any request', () => {
  /** The five steps of §13.2.2, word by word, over header fields that are well formed. */
  function steps(method: string, headers: IncomingHttpHeaders, current: Validators | null): 200 | 304 | 412 {
    const isGetOrHead = ['GET', 'HEAD'].includes(method);
    const own = (current?.etags ?? []).map(formatEntityTag);
    const selected = current?.etag ? [formatEntityTag(current.etag)] : [];
    const candidates = isGetOrHead ? selected : own;
    const sent = current?.lastModified ? formatHttpDate(current.lastModified) : null;
    const opaque = (text: string): string => text.replace('W/', '');

    const step1 = headers['if-match'];
    if (step1 !== undefined) {
      const strong = candidates.filter((text) => !text.startsWith('W/'));
      const isTrue =
        step1 === '*' ? current !== null : step1.split(', ').some((text) => strong.includes(text));
      if (!isTrue) return 412;
    }
    const step2 = headers['if-unmodified-since'];
    if (step1 === undefined && step2 !== undefined && sent !== null) {
      if (!(Date.parse(sent) <= Date.parse(step2))) return 412;
    }
    const step3 = headers['if-none-match'];
    if (step3 !== undefined) {
      const isFalse =
        step3 === '*'
          ? current !== null
          : step3.split(', ').some((text) => candidates.map(opaque).includes(opaque(text)));
      if (isFalse) return isGetOrHead ? 304 : 412;
    }
    const step4 = headers['if-modified-since'];
    if (isGetOrHead && step3 === undefined && step4 !== undefined && sent !== null) {
      if (Date.parse(sent) <= Date.parse(step4)) return 304;
    }
    return 200;
  }

  const entityTag = fc.record({ value: fc.constantFrom('a', 'b', 'c', ''), weak: fc.boolean() });
  const list = fc.oneof(
    fc.constant('*'),
    fc.array(entityTag, { minLength: 1, maxLength: 3 }).map((tags) => tags.map(formatEntityTag).join(', ')),
  );
  const instant = fc.integer({ min: 0, max: 4000 }).map((ms) => new Date(Date.UTC(2026, 0, 31) + ms));
  const date = instant.map((value) => value.toUTCString());
  const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH');
  const validators = fc
    .record({
      others: fc.array(entityTag, { maxLength: 2 }),
      etag: fc.option(entityTag),
      lastModified: fc.option(instant),
    })
    .map(({ others, etag, lastModified }): Validators => {
      return { etags: etag === null ? others : [etag, ...others], etag, lastModified };
    });
  const fields = fc.record(
    { 'if-match': list, 'if-none-match': list, 'if-modified-since': date, 'if-unmodified-since': date },
    { requiredKeys: [] },
  );

  it('is evaluated in the order of §13.2.2', () => {
    const status = { proceed: 200, 'not-modified': 304, failed: 412 };
    const seen = new Set<number>();
    fc.assert(
      fc.property(method, fields, fc.option(validators), (name, headers, current) => {
        const expected = steps(name, headers, current);
        seen.add(expected);
        expect(status[verdict(name, headers, current)]).toBe(expected);
      }),
      { numRuns: 1000 },
    );
    expect([...seen].toSorted()).toEqual([200, 304, 412]);
  });

  it('has a verdict, whatever its fields are', () => {
    const text = fc.oneof(anyText, list, date);
    const names = fc.constantFrom('if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since');
    fc.assert(
      fc.property(
        fc.oneof(method, anyText),
        fc.dictionary(names, text),
        fc.option(validators),
        (...request) => {
          expect(['proceed', 'not-modified', 'failed']).toContain(verdict(...request));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('may list as many tags as a header section has room for', () => {
    const headers = { 'if-match': Array.from({ length: 5000 }, (_, i) => `"${i}"`).join(',') };
    const etags = Array.from({ length: 20 }, (_, i) => tag(`"x${i}"`));
    expect(verdict('PUT', headers, { ...CURRENT, etags })).toBe('failed');
    expect(verdict('PUT', headers, { ...CURRENT, etags: [...etags, tag('"4999"')] })).toBe('proceed');
  });
});
