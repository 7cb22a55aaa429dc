/** What is there, or will be: most values are, and a promise of them would cost more than they do. */
export type Awaitable<T> = T | Promise<T>;

/** Also a promise of another realm or library; an object without `then` costs one look. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function';
}

/** Goes on with a value at once, or when it is there. */
export function andThen<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
