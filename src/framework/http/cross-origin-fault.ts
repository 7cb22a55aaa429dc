import { nearestOf } from '../nearest.js';

/** What is wrong with options, and what to do about it. */
export interface CrossOriginFault {
  /** Which of them; '' for all together. */
  readonly member: string;
  readonly message: string;
  readonly remedy: string;
}

const MEMBERS = ['origins', 'credentials', 'allowHeaders', 'exposeHeaders', 'maxAge'];

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@,;*]+$/;
const ORIGINS_REMEDY =
  "give '*', origins such as 'https://app.example.com', expressions, a function, or a list";

/** What is wrong with {@link CrossOriginOptions}, which may come from JavaScript or a file; null where nothing is. */
export function crossOriginFault(given: unknown): CrossOriginFault | null {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const remedy = "give { origins: ['https://app.example.com'] }, or false for none";
    return { member: '', message: `${shown(given)} is no set of rules`, remedy };
  }
  const unknown = Object.keys(given).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) {
    const message = 'there is no such rule';
    return {
      member: unknown,
      message,
      remedy: `did you mean ${nearestOf(unknown, MEMBERS)}? There are ${MEMBERS.join(', ')}`,
    };
  }
  const { origins, credentials, allowHeaders, exposeHeaders, maxAge } = given as Record<string, unknown>;
  const fault = originsFault(origins);
  if (fault !== null) return { member: 'origins', remedy: ORIGINS_REMEDY, ...fault };
  if (credentials !== undefined && typeof credentials !== 'boolean') {
    return {
      member: 'credentials',
      message: `${shown(credentials)} is none of its values`,
      remedy: 'give true or false',
    };
  }
  const isOpen = [origins].flat().includes('*');
  if (credentials === true && isOpen) {
    // Every page could then act as whoever is logged in, and read what comes back.
    const message = "credentials can't be for every origin (Fetch §3.2.5)";
    return { member: 'credentials', message, remedy: 'name the origins, or leave the credentials out' };
  }
  for (const [member, names] of [
    ['allowHeaders', allowHeaders],
    ['exposeHeaders', exposeHeaders],
  ] as const) {
    if (names === undefined) continue;
    const isList =
      Array.isArray(names) && names.every((name) => typeof name === 'string' && TOKEN.test(name));
    const remedy = "give a list of names, such as ['Location', 'ETag']";
    if (!isList) return { member, message: 'it is no list of header names', remedy };
    // With credentials it would be a header of that name.
    if (names.includes('*') && credentials === true)
      return { member, message: "'*' means nothing with credentials", remedy };
  }
  if (maxAge !== undefined && !(Number.isSafeInteger(maxAge) && Number(maxAge) >= 0)) {
    return {
      member: 'maxAge',
      message: `${shown(maxAge)} is no number of seconds`,
      remedy: 'give a whole number',
    };
  }
  return null;
}

function originsFault(origins: unknown): { message: string; remedy?: string } | null {
  if (typeof origins === 'function') return null;
  const list: readonly unknown[] = Array.isArray(origins)
    ? Array.from(origins as readonly unknown[])
    : [origins];
  if (list.length === 0)
    return { message: 'it names nobody', remedy: 'name an origin, or give false for all together' };
  if (list.length > 1 && list.includes('*')) {
    return {
      message: "'*' is everybody, and stands beside others",
      remedy: "give '*' alone, or leave it out",
    };
  }
  for (const each of list) {
    if (each instanceof RegExp || each === '*' || each === 'null') continue;
    if (typeof each !== 'string') return { message: `${shown(each)} is no origin` };
    const written = asBrowsersWrite(each);
    if (written === each) continue;
    const remedy = written === null ? ORIGINS_REMEDY : `write '${written}'`;
    return { message: `${shown(each)} is no origin as browsers send it`, remedy };
  }
  return null;
}

/** Browsers compare texts: a slash at the end, a capital or a default port would never fit. */
function asBrowsersWrite(text: string): string | null {
  if (/^https?:/i.test(text)) {
    const { origin } = URL.canParse(text) ? new URL(text) : { origin: 'null' };
    return origin === 'null' || origin.includes('*') ? null : origin;
  }
  // The pages of apps and extensions have schemes of their own.
  return ORIGIN.test(text) ? text : null;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
