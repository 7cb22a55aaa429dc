// Decorators applied by hand, with the metadata that TypeScript emits: plain JavaScript needs no build of its own, and
// each peer gets the same classes through its own copy of the libraries, reflect-metadata among them. Peers without
// decorators have none of it.

/** As `@A() @B() name!: type` compiles; decorators run from the last to the first. */
export function field(Class, name, type, ...decorators) {
  Reflect.defineMetadata?.('design:type', type, Class.prototype, name);
  for (const decorator of decorators.reverse()) decorator(Class.prototype, name);
}

/**
 * As a decorated method compiles. `parameters` are pairs of type and decorators.
 *
 * @param {{ parameters?: [Function, Function[]][], returns?: Function, decorators: Function[] }} declared
 */
export function method(Class, name, { parameters = [], returns = Object, decorators }) {
  const target = Class.prototype;
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  const types = parameters.map(([type]) => type);
  Reflect.defineMetadata('design:type', Function, target, name);
  Reflect.defineMetadata('design:paramtypes', types, target, name);
  Reflect.defineMetadata('design:returntype', returns, target, name);
  parameters.forEach(([, own], index) => {
    for (const decorator of own) decorator(target, name, index);
  });
  for (const decorator of [...decorators].reverse()) decorator(target, name, descriptor);
}
