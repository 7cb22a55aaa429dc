import { type Class, lineage } from '../../class.js';
import { type ShapeRule, shapeOf } from '../shape.js';
import type { ValidationContext } from './errors.js';
import type { Metadata, PropertyPlan, Rule, RulesPlan } from './rules-plan.js';
import { convert } from './transform.js';
import type { TypeMetadata } from './transform-metadata.js';
import { classPlan, type MemberPlan, type TransformContext } from './transform-plan.js';
import { rulesOfClass } from './validate.js';

/**
 * From a plain object to the instance that the libraries make of it, where they certainly find no fault; null where there
 * may be one, or where something is out of the ordinary: then the plans find out, from the beginning.
 *
 * A nested object with a property that nobody declared is out of the ordinary: the library removes it when it comes to
 * the object, and rules of properties before it may have seen it.
 */
export type Accept = (plain: object, isNested?: boolean) => object | null;

/** A class whose function is being made may have properties of its own class. */
interface Holder {
  accept: Accept | null;
}

/** Makes these functions, one for each class that the same options are for. */
export class Acceptance {
  readonly #holders = new WeakMap<Class, Holder>();

  constructor(
    readonly transformation: TransformContext,
    readonly validation: ValidationContext,
  ) {}

  /** Null for a class that has what only the plans know. */
  of(type: Class): Accept | null {
    return this.holderOf(type).accept;
  }

  holderOf(type: Class): Holder {
    const known = this.#holders.get(type);
    if (known !== undefined) return known;
    const holder: Holder = { accept: null };
    this.#holders.set(type, holder);
    holder.accept = new Writer(this, type).accept(() => {
      holder.accept = null;
    });
    return holder;
  }
}

/** Options with which every key of a plain object is a property of its own name and value. */
function isOrdinary({ isImplicit, keepsDefaults, keepsUndefined }: TransformContext): boolean {
  return !isImplicit && !keepsDefaults && keepsUndefined;
}

/** Writes the function for one class: its text has nothing of the class but names, as JSON, and places in a list. */
class Writer {
  readonly #values: unknown[] = [];
  readonly #rules: RulesPlan | null;
  readonly #shapes: ReadonlyMap<string, ShapeRule>;

  constructor(
    readonly acceptance: Acceptance,
    readonly type: Class,
  ) {
    this.#rules = rulesOfClass(acceptance.validation, type);
    this.#shapes = new Map(shapeOf(type).map((rule) => [rule.property, rule]));
  }

  /** @param giveUp called when a rule turns out to be asynchronous, so that it is not run twice each time */
  accept(giveUp: () => void): Accept | null {
    const rules = this.#rules;
    const { transformation, validation } = this.acceptance;
    const plan = classPlan(transformation, this.type);
    if (plan === null || rules === null || rules.isUnknown || rules.name === null) return null;
    if (!isOrdinary(transformation) || !plan.walksKeys || validation.options.whitelist !== true) return null;
    // Getters and methods are left alone, as is what has to stay out.
    const isSet = (member: MemberPlan | null): member is MemberPlan => member !== null && !member.isBlocked;
    const members = [...plan.members.values()].filter(isSet);
    if (hasAccessors(this.type) || !members.every(isSimple) || !rules.properties.every(isSynchronous))
      return null;
    const properties = new Map(rules.properties.map((each) => [each.property, each]));
    // One that no rule knows would be set, and then removed or refused.
    const looked = plan.exposed.filter(isSet);
    if (!looked.every(({ property }) => properties.has(property))) return null;
    const cases = [
      ...[...properties].flatMap(([key, each]) =>
        plan.members.has(key) ? [] : [this.#case(key, key, null, each)],
      ),
      ...members.flatMap((member) => {
        const found = properties.get(member.property);
        // Made and then removed: what it is made of may be what nothing is made of.
        if (found === undefined) return [`case ${text(member.key)}: return null;`];
        return [this.#case(member.key, member.property, member, found)];
      }),
      ...[...plan.members].flatMap(([key, member]) => (isSet(member) ? [] : [`case ${text(key)}: break;`])),
    ];
    const own = [...properties.keys()].map((key) => `case ${text(key)}:`).join(' ');
    const flags = [...properties.values()].flatMap((each, i) =>
      each.nested.length > 0 ? [`n${i} = false`] : [],
    );
    const body = [
      'if (Object.getPrototypeOf(plain) !== Object.prototype || typeof plain.then === "function") return null;',
      `const made = new ${this.#value(this.type)}();`,
      `if (made.constructor !== ${this.#value(this.type)}) return null;`,
      `for (const key in made) switch (key) { ${own} break; default: return null; }`,
      flags.length === 0 ? '' : `let ${flags.join(', ')};`,
      'let value;',
      'for (const key in plain) switch (key) {',
      ...cases,
      `default: ${this.#unknown()}`,
      '}',
      ...looked.map((member) => exposed(member)),
      ...rules.properties.map((each, i) => this.#checks(each, i)),
      'return made;',
    ];
    const source = `"use strict"; return function accept(plain, isNested) {\n${body.join('\n')}\n}`;
    const names = this.#values.map((_, i) => `v${i}`);
    const make = new Function('convert', 'transformation', 'isLate', ...names, source);
    return make(convert, transformation, isLate(giveUp), ...this.#values) as Accept;
  }

  #value(value: unknown): string {
    const at = this.#values.indexOf(value);
    return `v${at === -1 ? this.#values.push(value) - 1 : at}`;
  }

  /** What class-validator removes or refuses. An object may be one that can't be made, which would be a fault. */
  #unknown(): string {
    if (this.acceptance.validation.options.forbidNonWhitelisted) return 'return null;';
    return 'if (isNested) return null; value = plain[key]; if (key in {} || (typeof value === "object" && value !== null)) return null;';
  }

  #case(key: string, property: string, member: MemberPlan | null, plan: PropertyPlan): string {
    const place = `made[${text(property)}]`;
    const type =
      member?.typed == null
        ? 'undefined'
        : member.typed.typeFunction
          ? `${this.#value(member.typed.typeFunction)}({ newObject: made, object: plain, property: ${text(property)} })`
          : this.#value(member.typed.reflectedType);
    return [
      `case ${text(key)}:`,
      `value = plain[${text(key)}];`,
      `if (value === undefined || typeof ${place} === "function") return null;`,
      plan.nested.length > 0 ? this.#nested(member, plan, type) : this.#plain(member, type),
      `${place} = value;`,
      'break;',
    ].join('\n');
  }

  /** An object of a class may have a discriminator, which class-transformer takes away from what it reads. */
  #plain(member: MemberPlan | null, type: string): string {
    const listType = this.#value(member?.listType);
    const converted = `value = convert(transformation, value, ${type}, ${listType}, false);`;
    return member?.typed == null
      ? `if (typeof value === "object") { if (value !== null) ${converted} }`
      : `if (typeof value === "object" && value !== null) return null; ${converted}`;
  }

  /** Objects of the class that `@Type` says, or a list of them, each of which is accepted. */
  #nested(member: MemberPlan | null, plan: PropertyPlan, type: string): string {
    const flag = `n${this.#rules?.properties.indexOf(plan)}`;
    const typeFunction = member?.typed?.typeFunction;
    if (typeFunction == null) return 'if (value !== null) return null;';
    const Type = typeOf(typeFunction);
    if (Type === null) return 'return null;';
    const holder = `${this.#value(this.acceptance.holderOf(Type))}`;
    const one = (place: string) =>
      `if (typeof ${place} !== "object" || ${place} === null || Array.isArray(${place})) return null; ${place} = ${holder}.accept(${place}, true); if (${place} === null) return null;`;
    return [
      'if (value !== null) {',
      `if (${type} !== ${this.#value(Type)} || ${holder}.accept === null) return null;`,
      // A list of another kind, such as a Set, is made by convert; that of one object is a fault.
      ...(member?.listType === undefined
        ? [
            'if (Array.isArray(value)) {',
            'const items = [];',
            `for (let i = 0; i < value.length; i++) { let item = value[i]; ${one('item')} items.push(item); }`,
            'value = items;',
            '} else',
          ]
        : []),
      `{ ${one('value')} }`,
      `${flag} = true;`,
      '}',
    ].join('\n');
  }

  #checks(plan: PropertyPlan, at: number): string {
    const { options } = this.acceptance.validation;
    const skips = [
      options.skipUndefinedProperties === true || options.skipMissingProperties === true
        ? 'value !== undefined'
        : '',
      options.skipNullProperties === true || options.skipMissingProperties === true ? 'value !== null' : '',
    ].filter((each) => each !== '');
    const conditions = plan.conditions.map((each) => this.#condition(each));
    const checks = [
      ...plan.rules.map((rule) => this.#rule(rule, plan.property)),
      ...(plan.nested.length === 0 ? [] : [`if (value !== undefined && !n${at}) return null;`]),
    ].join('\n');
    return [
      `value = made[${text(plan.property)}];`,
      this.#shape(plan.property),
      conditions.length === 0
        ? '{'
        : `let c${at} = true; ${conditions.map((each) => `if (!${each}) c${at} = false;`).join(' ')}\nif (c${at}) {`,
      ...plan.defined.map((rule) => this.#rule(rule, plan.property)),
      skips.length === 0 ? checks : `if (${skips.join(' && ')}) {\n${checks}\n}`,
      '}',
    ].join('\n');
  }

  #condition({ constraints }: Metadata): string {
    return `${this.#value((constraints as readonly unknown[])[0])}(made, value)`;
  }

  #shape(property: string): string {
    const rule = this.#shapes.get(property);
    if (rule === undefined || rule.declared === null) return '';
    // A single value where an object is declared is a rule's to refuse.
    const isCollection = 'Array.isArray(value) || value instanceof Set || value instanceof Map';
    const fault = rule.declared === 'array' ? '!Array.isArray(value)' : isCollection;
    return `if (value !== undefined && value !== null && (${fault})) return null;`;
  }

  #rule(rule: Rule, property: string): string {
    const constraint = this.#value(rule.instance);
    const given = [
      `targetName: ${text(this.#rules?.name ?? '')}`,
      `property: ${text(property)}`,
      'object: made',
      'value',
      `constraints: ${this.#value(rule.metadata.constraints)}`,
    ].join(', ');
    const check = (value: string) =>
      `{ const is = ${constraint}.validate(${value}, { ${given} }); if (is !== true) return isLate(is); }`;
    if (!rule.each) return check('value');
    // One `given` for each item: a rule of the application may keep it.
    return [
      'if (Array.isArray(value)) {',
      `for (let i = 0; i < value.length; i++) ${check('value[i]')}`,
      '} else if (value instanceof Set || value instanceof Map) return null;',
      `else ${check('value')}`,
    ].join('\n');
  }
}

function isLate(giveUp: () => void): (result: unknown) => null {
  return (result) => {
    if (result instanceof Promise) {
      // What it says is asked again.
      result.catch(() => {});
      giveUp();
    }
    return null;
  };
}

function text(name: string): string {
  return JSON.stringify(name);
}

/** What `@Type` says, which is asked again for each value; null where it needs one to say it. */
function typeOf(typeFunction: NonNullable<TypeMetadata['typeFunction']>): Class | null {
  try {
    const type = typeFunction({ newObject: {}, object: {}, property: '' });
    return typeof type === 'function' ? (type as unknown as Class) : null;
  } catch {
    return null;
  }
}

function exposed({ key, property }: MemberPlan): string {
  const place = `made[${text(property)}]`;
  return `if (!Object.hasOwn(plain, ${text(key)})) { if (plain[${text(key)}] !== undefined || typeof ${place} === "function") return null; ${place} = undefined; }`;
}

function isSimple({ isDiscriminated, isMap, transforms }: MemberPlan): boolean {
  return !isDiscriminated && !isMap && transforms.length === 0;
}

/** Constraint classes of the application may do anything, and be asynchronous. */
function isSynchronous({ property, defined, rules, conditions }: PropertyPlan): boolean {
  if (property in {} || !conditions.every(hasFunction)) return false;
  return [...defined, ...rules].every(({ instance }) => instance !== null);
}

function hasFunction({ constraints }: Metadata): boolean {
  return typeof (constraints as readonly unknown[] | undefined)?.[0] === 'function';
}

function hasAccessors(type: Class): boolean {
  return lineage(type).some((each) =>
    Object.values(Object.getOwnPropertyDescriptors(each.prototype as object)).some(
      ({ get, set }) => get !== undefined || set !== undefined,
    ),
  );
}
