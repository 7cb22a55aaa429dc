import type { CompressionPlan } from './compile/records.js';
import { type Finding, finding } from './errors/startup-error.js';
import { AVAILABLE_CODINGS } from './http/content-coding.js';
import { type CrossOriginOptions, CrossOriginPolicy } from './http/cross-origin.js';
import { crossOriginFault } from './http/cross-origin-fault.js';
import type { RestOptions } from './options.js';

/** Below it, what is saved is less than a packet, and the codings' own frames eat it up. */
const THRESHOLD = 1024;

/** The option `compression`, checked. */
export function readCompression(
  option: RestOptions['compression'],
  findings: Finding[],
): CompressionPlan | null {
  if (option === false) return null;
  const threshold = typeof option === 'object' ? (option.threshold ?? THRESHOLD) : THRESHOLD;
  const isKnown = option === undefined || option === true || (typeof option === 'object' && option !== null);
  if (!isKnown || !Number.isInteger(threshold) || threshold < 0) {
    const remedy = 'give true, false, or { threshold: bytes }';
    findings.push(
      finding('bad-option', 'compression', `${JSON.stringify(option)} is none of its values`, remedy),
    );
    return null;
  }
  return { threshold, codings: AVAILABLE_CODINGS };
}

/** The option `origin`, checked and without a slash at its end. */
export function readOrigin(option: string | undefined, findings: Finding[]): string | null {
  if (option === undefined) return null;
  const url = URL.canParse(option) ? new URL(option) : null;
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  if (isOrigin) return url.origin;
  const remedy = "give scheme, host and port, such as 'https://api.example.com'";
  findings.push(finding('bad-option', 'origin', `${String(option)} is no origin`, remedy));
  return null;
}

/** The option `cors`, checked and prepared; null where other origins have no part. */
export function readCors(option: unknown, findings: Finding[]): CrossOriginPolicy | null {
  if (option === undefined || option === false) return null;
  const fault = crossOriginFault(option);
  if (fault === null) return new CrossOriginPolicy(option as CrossOriginOptions);
  const where = fault.member === '' ? 'cors' : `cors.${fault.member}`;
  findings.push(finding('bad-option', where, fault.message, fault.remedy));
  return null;
}
