import { bareable } from './bareable.js';

/**
 * For a class that controllers ask for in their constructor and that has constructor parameters itself:
 * TypeScript emits parameter types only for decorated classes. It records nothing else.
 *
 * @example
 * ```ts
 * import { Injectable } from 'koanatomy';
 *
 * export class Clock {
 *   now() {
 *     return new Date();
 *   }
 * }
 *
 * @Injectable()
 * export class CaseService {
 *   constructor(private readonly clock: Clock) {}
 *   opened() {
 *     return this.clock.now();
 *   }
 * }
 * ```
 */
export const Injectable = bareable<ClassDecorator>(() => {});
