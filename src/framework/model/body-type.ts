import { type Class, isClass } from '../class.js';
import { MultipartStream } from '../codecs/multipart-stream.js';
import { UploadedFile } from '../codecs/upload.js';
import { type Finding, finding } from '../errors/startup-error.js';
import { Patch } from '../patch/patch.js';
import { Preconditions } from '../preconditions.js';
import { Principal } from '../security/principal.js';
import { hasRules } from '../validation/rules.js';
import { ruledBean } from './bean-of.js';
import { BUILT_IN } from './built-in.js';
import type { ParamArgs } from './declarations.js';
import { missingTypes } from './missing-types.js';
import type { BodyModel } from './model.js';
import { NOT_EMITTED_REMEDY } from './scalar-type.js';

const PRIMITIVES: ReadonlySet<unknown> = new Set([String, Number, Boolean]);
const UNFIT: ReadonlySet<unknown> = new Set([Date, RegExp, Promise, Map, Set, Function, Symbol, BigInt]);

/** Settles what the body is made into. */
export function bodyModel(
  arg: Pick<ParamArgs, 'required' | 'explicitType' | 'validate' | 'classTransform'>,
  emitted: unknown,
  readsForm: boolean,
  where: string,
  findings: Finding[],
): BodyModel {
  const explicit: unknown = arg.explicitType;
  const listed = Array.isArray(explicit);
  const list = listed || emitted === Array;
  const type: unknown = listed ? explicit[0] : (explicit ?? (emitted === Array ? Object : emitted));
  const isPatch = emitted === Patch;
  const model = {
    kind: 'body',
    list,
    required: arg.required !== false,
    validate: arg.validate ?? true,
    transform: arg.classTransform ?? {},
    patch: isPatch ? 'object' : null,
  } as const;
  if (isPatch && (type === Patch || type === Object))
    return Object.freeze({ ...model, type: null, form: null });
  if (type === MultipartStream) return Object.freeze({ ...model, type: MultipartStream, form: null });
  if (type === undefined) {
    findings.push(finding('type-not-emitted', where, "the body's type was not emitted", NOT_EMITTED_REMEDY));
  } else if (isClass(type) && decoratorFor(type) !== null) {
    const remedy = `${decoratorFor(type)} in place of @Body()`;
    findings.push(finding('type-not-convertible', where, `no body is made into ${type.name}`, remedy));
  } else if (!isClass(type) || UNFIT.has(type)) {
    const name = typeof type === 'function' ? type.name : String(type);
    const remedy = `give it a class with class-validator rules, or string, number, boolean or Buffer${whyNoClass(type)}`;
    findings.push(finding('type-not-convertible', where, `a body does not convert to ${name}`, remedy));
  } else if (type === Object) {
    const remedy = list
      ? 'name the class of the items: @Body({ type: Item })'
      : `declare a class with rules${whyNoClass(type)}`;
    const message = `its type is emitted as ${list ? 'Array' : 'Object'}, so nothing of it is validated`;
    findings.push(finding('body-without-rules', where, message, remedy));
  } else {
    checkConstructor(type, where, findings);
    warnOfNoRules(type, where, findings);
    findings.push(...missingTypes(type));
    const form = readsForm && !list && !BUILT_IN.has(type) ? ruledBean(type, 'form', findings) : null;
    return Object.freeze({ ...model, type, form });
  }
  return Object.freeze({ ...model, type: null, form: null });
}

/** How a class of the framework's own gets into a method; null for all others. */
export function decoratorFor(type: unknown): string | null {
  if (type === UploadedFile)
    return "a file is a field of a form: write @FormParam('name') file: UploadedFile";
  return CONTEXTS.has(type) ? 'it comes from the surroundings: write @Context()' : null;
}

const CONTEXTS: ReadonlySet<unknown> = new Set([Preconditions, Principal, AbortSignal]);

/** What a type was, most likely, that was emitted as one of these. */
export function whyNoClass(emitted: unknown): string {
  if (emitted === Function) return '; Function is what `import type` leaves of a class: import it plainly';
  if (emitted === Object) return '; Object is what is left of an interface, a type alias or a union';
  return '';
}

/** class-transformer calls the constructor with nothing, for each request. */
function checkConstructor(type: Class, where: string, findings: Finding[]): void {
  if (BUILT_IN.has(type)) return;
  try {
    new (type as unknown as new () => object)();
  } catch (error) {
    const message = `new ${type.name}() throws: ${error instanceof Error ? error.message : String(error)}`;
    const remedy = `let the constructor of ${type.name} work without arguments`;
    findings.push(finding('type-not-convertible', where, message, remedy));
  }
}

function warnOfNoRules(type: Class, where: string, findings: Finding[]): void {
  if (PRIMITIVES.has(type) || type === Buffer || hasRules(type)) return;
  const message = `the body class ${type.name} has no rule of class-validator, so each of its properties is stripped`;
  const remedy = `decorate the properties of ${type.name} (@IsString(), @IsInt(), …, or @Allow() for no check)`;
  findings.push(finding('body-without-rules', where, message, remedy));
}
