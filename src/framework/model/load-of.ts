import { type Class, lineage } from '../class.js';
import { type Declared, type MethodRecord, readRecord } from '../declare/record.js';
import type { LoadModel } from './model.js';

/** Of an operation that nothing is declared for. */
export const NO_LOAD: LoadModel = Object.freeze({
  concurrency: Object.freeze([]),
  uses: Object.freeze([]),
  timeout: null,
  priority: 'normal',
});

/** What is declared of a method's share of the server: its own word, else its class's, else the ancestors'. */
export function loadOf(type: Class, method: string, record: MethodRecord | null): LoadModel {
  const classes = lineage(type).map((ancestor) => readRecord(ancestor));
  const ofClass = <K extends keyof Declared>(key: K): Declared[K] =>
    classes.find((found) => found?.[key] !== undefined)?.[key];
  const all = ofClass('maxConcurrent');
  const own = record?.maxConcurrent;
  return Object.freeze({
    concurrency: Object.freeze([
      ...(all === undefined ? [] : [{ type, name: type.name, plan: all }]),
      ...(own === undefined ? [] : [{ type, name: `${type.name}.${method}`, plan: own }]),
    ]),
    // In one order everywhere, so that no two requests wait for what the other one has.
    uses: Object.freeze([...new Set([...(ofClass('uses') ?? []), ...(record?.uses ?? [])])].sort()),
    timeout: record?.timeout ?? ofClass('timeout') ?? null,
    priority: record?.priority ?? ofClass('priority') ?? 'normal',
  });
}
