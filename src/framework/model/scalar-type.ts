import { isClass } from '../class.js';
import { UploadedFile } from '../codecs/upload.js';
import type { ParameterExtras } from '../declare/record.js';
import { type Finding, finding } from '../errors/startup-error.js';
import { Mismatch } from '../http/convert.js';
import { converterOf } from './converter-of.js';
import type { ScalarModel } from './model.js';

/** What the type of a text parameter is made from. */
export interface ScalarDeclaration extends ParameterExtras {
  readonly in: ScalarModel['in'];
  readonly name: string;
  readonly required: boolean;
  /** What TypeScript emitted; undefined where it emitted nothing. */
  readonly emitted: unknown;
  /** What the decorator says. */
  readonly explicit: unknown;
  readonly isArray?: boolean;
  readonly hasDefault: boolean;
  readonly default: unknown;
}

const KINDS = new Map<unknown, ScalarModel['scalar']>([
  [String, 'string'],
  [Number, 'number'],
  [Boolean, 'boolean'],
  [Date, 'date'],
  [BigInt, 'bigint'],
]);

const TYPES_OF_DEFAULTS = new Map<string, unknown>([
  ['number', Number],
  ['boolean', Boolean],
  ['bigint', BigInt],
]);

export const NOT_EMITTED_REMEDY =
  'set "experimentalDecorators" and "emitDecoratorMetadata" in tsconfig.json and build with tsc (or vitest on Vite 8); tsx, esbuild and Node\'s type stripping do not emit types';

/** Settles the type of a text parameter, with its default converted. */
export function scalarModel(d: ScalarDeclaration, where: string, findings: Finding[]): ScalarModel {
  const listed = Array.isArray(d.explicit);
  const list = listed || d.emitted === Array || d.isArray === true;
  let type: unknown = listed ? (d.explicit as readonly unknown[])[0] : d.explicit;
  if (type === undefined) type = d.emitted === Array ? String : d.emitted;
  // A default that isn't text says what a type that was emitted as Object does not.
  if (type === Object && d.hasDefault)
    type = TYPES_OF_DEFAULTS.get(typeof d.default) ?? (d.default instanceof Date ? Date : type);
  const isFile = type === UploadedFile;
  if (isFile) checkFile(d, where, findings);
  const scalar = isFile ? 'string' : scalarKind(d, type, where, findings);
  const model: ScalarModel = {
    kind: 'scalar',
    in: d.in,
    name: d.name,
    scalar,
    values: d.enum ?? null,
    type: scalar === 'class' && isClass(type) ? type : null,
    isFile,
    list,
    separator: d.separator ?? (list && d.in === 'header' ? ',' : null),
    required: d.required && !d.hasDefault,
    hasDefault: d.hasDefault,
    default: d.default,
  };
  return Object.freeze(d.hasDefault ? { ...model, default: converted(model, where, findings) } : model);
}

/** A file comes in a form and nowhere else, and nobody could send what a default would stand in for. */
function checkFile(d: ScalarDeclaration, where: string, findings: Finding[]): void {
  if (d.in !== 'form') {
    const remedy = `take it by @FormParam('${d.name}')`;
    findings.push(finding('type-not-convertible', where, 'a file comes in a form only', remedy));
  }
  if (d.hasDefault) {
    const remedy = 'leave it out; an absent file is undefined, and an absent list of files is empty';
    findings.push(finding('bad-default', where, 'a file has no default', remedy));
  }
}

function scalarKind(
  d: ScalarDeclaration,
  type: unknown,
  where: string,
  findings: Finding[],
): ScalarModel['scalar'] {
  if (d.enum !== undefined) return 'enum';
  if (d.integer === true) return 'integer';
  const kind = KINDS.get(type);
  if (kind !== undefined) return kind;
  if (type === undefined) {
    findings.push(
      finding('type-not-emitted', where, "the parameter's type was not emitted", NOT_EMITTED_REMEDY),
    );
  } else if (type === Object) {
    const remedy =
      'give { type: Date } or the like; TypeScript emits Object for a union (write since?: Date, not Date | undefined) and for a parameter without annotation';
    findings.push(
      finding('type-unclear', where, 'the type is emitted as Object, so it is bound as text', remedy),
    );
  } else if (isClass(type) && typeof Reflect.get(type, 'fromString') === 'function') {
    return 'class';
  } else {
    const name = isClass(type) ? type.name : String(type);
    const remedy = `give ${name} a static fromString(text), or use a type that text converts to`;
    findings.push(finding('type-not-convertible', where, `text does not convert to ${name}`, remedy));
  }
  return 'string';
}

function converted(model: ScalarModel, where: string, findings: Finding[]): unknown {
  const { default: value, scalar, list } = model;
  if (typeof value !== 'string' || scalar === 'string')
    return list && typeof value === 'string' ? [value] : value;
  const result = converterOf(model)(value);
  if (!(result instanceof Mismatch)) return list ? [result] : result;
  const remedy = 'give a default that a client could have sent';
  findings.push(finding('bad-default', where, `the default "${value}" ${result.message}`, remedy));
  return undefined;
}
