import { FINDINGS, type FindingCode } from './catalogue.js';

/** Something the check at startup found, told to the developer. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning';
  /** Where: a class, `Class.method`, `Class.method(parameter 2)`, or a file. */
  readonly where: string;
  readonly message: string;
  readonly remedy: string;
}

/** Makes a finding; its severity is the catalogue's. */
export function finding(code: FindingCode, where: string, message: string, remedy: string): Finding {
  return Object.freeze({ code, severity: FINDINGS[code], where, message, remedy });
}

/** One finding as two lines of text: what is wrong and where, then what to do. */
export function formatFinding(f: Finding): string {
  return `${f.severity} ${f.code}: ${f.where}: ${f.message}\n      → ${f.remedy}`;
}

/**
 * Thrown by `createApp` and `rest` where the application must not start. It lists all findings at once,
 * errors first; warnings are listed too, since they may explain an error.
 *
 * @example
 * ```ts
 * import { createApp, StartupError } from 'koanatomy';
 *
 * try {
 *   await createApp({ controllers: 'src/controllers' });
 * } catch (error) {
 *   if (error instanceof StartupError) for (const f of error.findings) console.error(f.where, f.remedy);
 * }
 * ```
 */
export class StartupError extends Error {
  override readonly name = 'StartupError';
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    const sorted = [...findings].sort(
      (a, b) => Number(a.severity !== 'error') - Number(b.severity !== 'error'),
    );
    const errors = sorted.filter((f) => f.severity === 'error').length;
    const head = `the application can't start: ${errors} ${errors === 1 ? 'error' : 'errors'}`;
    super([head, ...sorted.map((f, i) => `${String(i + 1).padStart(4)}. ${formatFinding(f)}`)].join('\n'));
    this.findings = Object.freeze(sorted);
  }
}
