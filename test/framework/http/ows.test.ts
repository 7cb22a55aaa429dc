import { expect, it } from 'vitest';
import { trimOws } from '../../../src/framework/http/ows.js';

it.each([
  ['', ''],
  [' \t ', ''],
  ['a', 'a'],
  [' \ta b\t ', 'a b'],
  ['\xa0a\xa0', '\xa0a\xa0'],
  ['\na\r', '\na\r'],
  ['\u3000a\ufeff', '\u3000a\ufeff'],
])('optional white space is spaces and tabs, RFC 9110 §5.6.3: %j', (text, trimmed) => {
  expect(trimOws(text)).toBe(trimmed);
});

it('may be a long run, around or within', () => {
  const run = ' '.repeat(1_000_000);
  expect(trimOws(`${run}a${run}`)).toBe('a');
  expect(trimOws(`a${run}b`)).toHaveLength(1_000_002);
});
