import { isDeepStrictEqual } from 'node:util';
import { type Class, lineage } from '../class.js';
import { type MethodRecord, readRecord } from '../declare/record.js';
import { type Finding, finding } from '../errors/startup-error.js';
import { crossOriginFault } from '../http/cross-origin-fault.js';
import type { OperationModel } from './model.js';

/** What a method says of other origins, else its class, else the class's ancestors; null where nobody does. */
export function crossOriginOf(
  type: Class,
  method: string,
  record: MethodRecord | null,
  findings: Finding[],
): OperationModel['crossOrigin'] {
  if (record?.crossOrigin !== undefined) return sound(record.crossOrigin, `${type.name}.${method}`, findings);
  for (const ancestor of lineage(type)) {
    const declared = readRecord(ancestor)?.crossOrigin;
    if (declared !== undefined) return sound(declared, ancestor.name, findings);
  }
  return null;
}

function sound(
  declared: NonNullable<OperationModel['crossOrigin']>,
  where: string,
  findings: Finding[],
): OperationModel['crossOrigin'] {
  const fault = declared === false ? null : crossOriginFault(declared);
  if (fault === null) return declared;
  const what = fault.member === '' ? '' : `${fault.member}: `;
  findings.push(finding('bad-cross-origin', where, `@CrossOrigin has ${what}${fault.message}`, fault.remedy));
  return false;
}

/** Browsers ask about a path and a verb before they say what they send or accept: there can be one answer. */
export function checkCrossOrigin(a: OperationModel, b: OperationModel): Finding[] {
  if (isDeepStrictEqual(a.crossOrigin, b.crossOrigin)) return [];
  const message = `${a.name} answers ${a.verb} ${a.path.text} too, for pages of other origins`;
  const remedy = 'give both the same @CrossOrigin: browsers ask before there is a choice between them';
  return [finding('mixed-cross-origin', b.name, message, remedy)];
}
