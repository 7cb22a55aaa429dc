/** A JSON pointer (RFC 6901) to a place: `pointer('items', '0')` is `/items/0`. */
export function pointer(...keys: readonly string[]): string {
  let text = '';
  for (const key of keys) {
    const isPlain = !key.includes('~') && !key.includes('/');
    text += `/${isPlain ? key : key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }
  return text;
}
