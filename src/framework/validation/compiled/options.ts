const IS_COMPILED = process.env.KOANATOMY_COMPILED !== 'off';

/** Whether plans are used. For diagnosis: with `KOANATOMY_COMPILED=off` the libraries do all of it. */
export function isCompiled(): boolean {
  return IS_COMPILED;
}

/** Equal for equal options of a library. Null where an option is more than a flag, a number or a list of texts: `@Transform` functions are given them. */
export function optionsKey(options: object): string | null {
  const entries = Object.entries(options).map(([name, value]) => {
    const isSimple = Array.isArray(value)
      ? value.every((item) => typeof item === 'string')
      : typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol';
    // NaN, too, is a number of its own.
    const text = Array.isArray(value) ? JSON.stringify(value) : String(value);
    return isSimple ? `${JSON.stringify(name)} ${typeof value} ${text}` : null;
  });
  return entries.includes(null) ? null : JSON.stringify(entries.sort());
}
