import type Koa from 'koa';
import { ApiError, Context, ETag, GET, LastModified, Path, Preconditions, Produces, Reply } from 'koanatomy';
import { describe, expect, it } from 'vitest';
import { serve } from '../../support/serve.js';

const CHANGED = new Date('2020-03-01T12:00:00.750Z');
const LONG = 'x'.repeat(5000);
const STRANGE: Record<string, string> = {
  comma: '"a,7"',
  backslash: '"a\\"',
  empty: '""',
  star: '"*"',
  high: '"é"',
};

@Path('/v')
class VersionController {
  @GET('/both') @ETag('version') @LastModified('changedAt') both() {
    return { version: 7, changedAt: CHANGED };
  }
  @GET('/date') @LastModified(() => CHANGED) date() {
    return {};
  }
  @GET('/none') none() {
    return {};
  }
  @GET('/weak') @ETag(() => 7, { weak: true }) weak() {
    return { text: LONG };
  }
  @GET('/strange/{name}') strange(@Context() ctx: Koa.Context) {
    return Reply.ok({}).header('ETag', STRANGE[String(ctx.path.split('/').pop())] ?? '"none"');
  }
  @GET('/types') @ETag(() => 7) @Produces('application/json', 'application/yaml', 'text/csv') types() {
    return [{ a: 1 }];
  }
  @GET('/reply') @ETag(() => 7) reply() {
    return Reply.ok({}).etag('mine').lastModified(CHANGED);
  }
  @GET('/koa') koa(@Context() ctx: Koa.Context) {
    ctx.set('ETag', '"k"');
    ctx.set('Last-Modified', CHANGED.toUTCString());
    return { a: 1 };
  }
  @GET('/web') web() {
    return new Response('{}', { headers: { ETag: '"w"', 'Content-Type': 'application/json' } });
  }
  @GET('/gone') @ETag(() => 7) gone() {
    throw new ApiError(410, 'gone');
  }
  @GET('/created') created() {
    return Reply.status(203, {}).etag('c');
  }
  @GET('/failing') failing() {
    return Reply.status(404, {}).etag('c');
  }
  @GET('/moved') moved() {
    return Reply.seeOther('/v/both').etag('c');
  }
  @GET('/asked') asked(@Context() preconditions: Preconditions) {
    preconditions.evaluate({ etag: 'W/"7"' });
    return {};
  }
  @GET('/asked-date') askedDate(@Context() preconditions: Preconditions) {
    preconditions.evaluate({ lastModified: CHANGED });
    return {};
  }
  @GET('/asked-null') askedNull(@Context() preconditions: Preconditions) {
    preconditions.evaluate(null);
    return {};
  }
}

const http = await serve(VersionController);

const get = (path: string, headers: Record<string, string | string[]>) =>
  http.get(path).set({ 'Accept-Encoding': 'identity', ...headers } as Record<string, string>);
const head = (path: string, headers: Record<string, string | string[]>) =>
  http.head(path).set({ 'Accept-Encoding': 'identity', ...headers } as Record<string, string>);

type Case = readonly [name: string, path: string, headers: Record<string, string | string[]>, status: number];

const NONE_MATCH: readonly Case[] = [
  ['§5.6.1 an empty element first', '/v/both', { 'If-None-Match': ', "7"' }, 304],
  ['§5.6.1 an empty element between', '/v/both', { 'If-None-Match': '"1", ,"7"' }, 304],
  ['§5.6.1 an empty element last', '/v/both', { 'If-None-Match': '"7",' }, 304],
  ['§5.6.3 tabs around', '/v/both', { 'If-None-Match': '\t"1"\t,\t"7"\t' }, 304],
  ['§5.6.1 no space at all', '/v/both', { 'If-None-Match': '"1","7","8"' }, 304],
  ['§5.3 two lines', '/v/both', { 'If-None-Match': ['"1"', '"7"'] }, 304],
  ['§5.3 two lines without it', '/v/both', { 'If-None-Match': ['"1"', '"2"'] }, 200],
  ['§8.8.3 W is case-sensitive', '/v/both', { 'If-None-Match': 'w/"7"' }, 200],
  ['§8.8.3 no quotes', '/v/both', { 'If-None-Match': '7' }, 200],
  ['§8.8.3 single quotes', '/v/both', { 'If-None-Match': "'7'" }, 200],
  ['§8.8.3 half a tag', '/v/both', { 'If-None-Match': '"7' }, 200],
  ['§8.8.3 blanks are none', '/v/both', { 'If-None-Match': '" 7"' }, 200],
  ['§8.8.3 no blank behind W/', '/v/both', { 'If-None-Match': 'W/ "7"' }, 200],
  ['§8.8.3 a prefix', '/v/both', { 'If-None-Match': '"77"' }, 200],
  ['§8.8.3 a tag that is a star', '/v/both', { 'If-None-Match': '"*"' }, 200],
  ['§8.8.3 an empty tag', '/v/both', { 'If-None-Match': '""' }, 200],
  ['§8.8.3 a comma in a tag is no separator', '/v/both', { 'If-None-Match': '"a,7", "b"' }, 200],
  ['§8.8.3 a comma in a tag before', '/v/both', { 'If-None-Match': '"a,b", "7"' }, 304],
  ['§8.8.3 a backslash escapes nothing', '/v/both', { 'If-None-Match': '"a\\", "7"' }, 304],
  ['§13.1.2 * without any tag', '/v/none', { 'If-None-Match': '*' }, 304],
  ['§13.1.2 * with spaces', '/v/both', { 'If-None-Match': ' * ' }, 304],
  ['§13.1.2 a tag where there is none', '/v/none', { 'If-None-Match': '"7"' }, 200],
  ['§13.1.2 a tag where there is only a date', '/v/date', { 'If-None-Match': '"7"' }, 200],
  ['§8.8.3 a tag with a comma', '/v/strange/comma', { 'If-None-Match': '"a,7"' }, 304],
  ['§8.8.3 a tag with a backslash', '/v/strange/backslash', { 'If-None-Match': '"x", "a\\"' }, 304],
  ['§8.8.3 the empty tag', '/v/strange/empty', { 'If-None-Match': '""' }, 304],
  ['§8.8.3 the tag that is a star', '/v/strange/star', { 'If-None-Match': '"*"' }, 304],
  ['§8.8.3 the tag that is a star, in a list', '/v/strange/star', { 'If-None-Match': '"a", W/"*"' }, 304],
  ['§8.8.3.2 weak and weak', '/v/weak', { 'If-None-Match': 'W/"7"' }, 304],
  ['§8.8.3.2 weak and strong', '/v/weak', { 'If-None-Match': '"7"' }, 304],
  ['§13.1.2 a tag that the Reply sets', '/v/reply', { 'If-None-Match': '"mine"' }, 304],
  ['§13.1.2 and not the decorator’s', '/v/reply', { 'If-None-Match': '"7"' }, 200],
  ['§13.1.2 a tag that Koa’s context has', '/v/koa', { 'If-None-Match': '"k"' }, 304],
  ['§13.1.2 a tag of a web Response', '/v/web', { 'If-None-Match': '"w"' }, 304],
  ['§13.2.1 2xx besides 200', '/v/created', { 'If-None-Match': '"c"' }, 304],
  ['§13.2.1 not for 404', '/v/failing', { 'If-None-Match': '"c"' }, 404],
  ['§13.2.1 not for 410', '/v/gone', { 'If-None-Match': '*' }, 410],
  ['§13.2.1 not for 303', '/v/moved', { 'If-None-Match': '"c"' }, 303],
  ['§13.2.1 not for 406', '/v/types', { 'If-None-Match': '*', Accept: 'image/png' }, 406],
  ['§13.1.2 beside an If-Match that holds', '/v/both', { 'If-None-Match': '"7"', 'If-Match': '"7"' }, 304],
  ['§13.1.2 asked: the tag as it is', '/v/asked', { 'If-None-Match': '"7"' }, 304],
];

const MATCH: readonly Case[] = [
  ['§5.6.1 empty elements', '/v/both', { 'If-Match': ',,"7",,' }, 200],
  ['§5.3 two lines', '/v/both', { 'If-Match': ['"1"', '"7"'] }, 200],
  ['§13.1.1 *', '/v/none', { 'If-Match': '*' }, 200],
  ['§13.1.1 a tag where there is none', '/v/none', { 'If-Match': '"7"' }, 412],
  ['§8.8.3.2 a weak tag never matches', '/v/weak', { 'If-Match': 'W/"7"' }, 412],
  ['§8.8.3.2 nor a strong one with a weak one', '/v/weak', { 'If-Match': '"7"' }, 412],
  ['§13.1.1 * for a weak one', '/v/weak', { 'If-Match': '*' }, 200],
  ['§13.1.1 the Reply’s', '/v/reply', { 'If-Match': '"mine"' }, 200],
  ['§13.1.1 Koa’s', '/v/koa', { 'If-Match': '"j"' }, 412],
  ['§13.1.1 a web Response’s', '/v/web', { 'If-Match': '"j"' }, 412],
  ['§13.1.4 on a date', '/v/date', { 'If-Unmodified-Since': 'Sun, 01 Mar 2020 11:59:59 GMT' }, 412],
  ['§13.1.4 on the second', '/v/date', { 'If-Unmodified-Since': 'Sun, 01 Mar 2020 12:00:00 GMT' }, 200],
  ['§13.1.4 no date at all', '/v/date', { 'If-Unmodified-Since': '2019-01-01' }, 200],
  [
    '§13.1.4 nothing to compare with',
    '/v/none',
    { 'If-Unmodified-Since': 'Sun, 01 Mar 2020 12:00:00 GMT' },
    200,
  ],
  [
    '§13.2.2 then If-None-Match',
    '/v/both',
    { 'If-Unmodified-Since': 'Sun, 01 Mar 2020 12:00:00 GMT', 'If-None-Match': '"7"' },
    304,
  ],
  [
    '§13.2.2 goes before If-None-Match',
    '/v/both',
    { 'If-Unmodified-Since': 'Sun, 01 Mar 2020 11:00:00 GMT', 'If-None-Match': '"7"' },
    412,
  ],
  ['§13.2.1 asked: nothing is there', '/v/asked-null', { 'If-Match': '*' }, 412],
  ['§13.1.1 asked: weak', '/v/asked', { 'If-Match': 'W/"7"' }, 412],
];

const since = (date: string) => ({ 'If-Modified-Since': date });
const DATES: readonly Case[] = [
  ['§5.6.7 IMF-fixdate', '/v/date', since('Sun, 01 Mar 2020 12:00:00 GMT'), 304],
  ['§5.6.7 RFC 850', '/v/date', since('Sunday, 01-Mar-20 12:00:00 GMT'), 304],
  ['§5.6.7 asctime', '/v/date', since('Sun Mar  1 12:00:00 2020'), 304],
  ['§5.6.7 asctime before', '/v/date', since('Sun Mar  1 11:59:59 2020'), 200],
  ['§5.6.7 RFC 850 before', '/v/date', since('Sunday, 01-Mar-20 11:59:59 GMT'), 200],
  ['§5.6.7 RFC 850 in the last century', '/v/date', since('Sunday, 06-Nov-94 08:49:37 GMT'), 200],
  ['§5.6.7 a leap second', '/v/date', since('Thu, 31 Dec 2099 23:59:60 GMT'), 304],
  ['§5.6.7 GMT in small letters', '/v/date', since('Sun, 01 Mar 2020 12:00:00 gmt'), 200],
  ['§5.6.7 another zone', '/v/date', since('Sun, 01 Mar 2020 12:00:00 UTC'), 200],
  ['§5.6.7 an offset', '/v/date', since('Sun, 01 Mar 2020 12:00:00 +0000'), 200],
  ['§5.6.7 ISO 8601', '/v/date', since('2020-03-01T12:00:00Z'), 200],
  ['§5.6.7 no weekday', '/v/date', since('01 Mar 2020 12:00:00 GMT'), 200],
  ['§5.6.7 one digit', '/v/date', since('Sun, 1 Mar 2020 12:00:00 GMT'), 200],
  ['§5.6.7 a day that is none', '/v/date', since('Sun, 31 Feb 2099 12:00:00 GMT'), 200],
  ['§5.6.7 hour 24', '/v/date', since('Sun, 01 Mar 2099 24:00:00 GMT'), 200],
  ['§5.6.7 minute 60', '/v/date', since('Sun, 01 Mar 2099 12:60:00 GMT'), 200],
  ['§5.6.7 a month in small letters', '/v/date', since('Sun, 01 mar 2020 12:00:00 GMT'), 200],
  ['§5.6.7 a number', '/v/date', since('9999999999'), 200],
  ['§5.6.7 something behind it', '/v/date', since('Sun, 01 Mar 2020 12:00:00 GMT; length=5'), 200],
  [
    '§13.1.3 two dates',
    '/v/date',
    since('Sun, 01 Mar 2020 12:00:00 GMT, Sun, 01 Mar 2020 12:00:00 GMT'),
    200,
  ],
  ['§13.1.3 a date to come', '/v/date', since('Sun, 01 Mar 2099 12:00:00 GMT'), 304],
  ['§13.1.3 no date to compare with', '/v/none', since('Sun, 01 Mar 2099 12:00:00 GMT'), 200],
  ['§13.1.3 the Reply’s', '/v/reply', since('Sun, 01 Mar 2020 12:00:00 GMT'), 304],
  ['§13.1.3 Koa’s', '/v/koa', since('Sun, 01 Mar 2020 12:00:00 GMT'), 304],
  ['§13.1.3 asked', '/v/asked-date', since('Sun, 01 Mar 2020 12:00:00 GMT'), 304],
  [
    '§13.1.3 not beside an If-None-Match, even one that can’t be read',
    '/v/both',
    { ...since('Sun, 01 Mar 2099 12:00:00 GMT'), 'If-None-Match': 'x' },
    200,
  ],
];

describe.each([
  ['If-None-Match', NONE_MATCH],
  ['If-Match and If-Unmodified-Since', MATCH],
  ['If-Modified-Since', DATES],
] as const)('%s on GET and HEAD, RFC 9110', (_group, cases) => {
  it.each(cases)('%s: %s %o', async (_name, path, headers, status) => {
    expect((await get(path, headers)).status).toBe(status);
    expect((await head(path, headers)).status).toBe(status);
  });
});
