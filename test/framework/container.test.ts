import { ContainerError, createContainer, Injectable } from 'koanatomy';
import { describe, expect, it } from 'vitest';

class Clock {}

@Injectable()
class Service {
  constructor(readonly clock: Clock) {}
}

@Injectable()
class Outer {
  constructor(
    readonly service: Service,
    readonly clock: Clock,
    readonly greeting = 'hello',
  ) {}
}

class Child extends Outer {}

describe('the container', () => {
  it('makes a class with what its constructor asks for, by type, once each', () => {
    const container = createContainer();
    const outer = container.get(Outer);
    expect(outer.service.clock).toBe(outer.clock);
    expect(container.get(Service)).toBe(outer.service);
  });

  it('leaves parameters with a default to their default', () => {
    expect(createContainer().get(Outer).greeting).toBe('hello');
  });

  it('makes a class without a constructor of its own as its parent is made', () => {
    expect(createContainer().get(Child).service).toBeInstanceOf(Service);
  });

  it('takes instances that exist already, also for abstract classes', () => {
    abstract class Store {
      abstract read(): string;
    }
    const store = new (class extends Store {
      read() {
        return 'read';
      }
    })();
    expect(
      createContainer([[Store, store]])
        .get(Store)
        .read(),
    ).toBe('read');
  });

  it('says which parameter of which class it can not make, and what to do', () => {
    @Injectable()
    class Needy {
      constructor(readonly word: string) {}
    }
    const error = attempt(() => createContainer().get(Needy));
    expect(error.message).toBe(
      "parameter 1 of Needy's constructor has the type String, which names no class to make",
    );
    expect(error.remedy).toContain('createContainer([[Class, instance]])');
  });

  it('says so where types were not emitted', () => {
    class Plain {
      constructor(readonly clock: Clock) {}
    }
    expect(attempt(() => createContainer().get(Plain)).remedy).toContain('@Injectable()');
  });

  it('names the classes of a circle', () => {
    class B {}
    @Injectable()
    class A {
      constructor(readonly b: B) {}
    }
    Reflect.defineMetadata('design:paramtypes', [A], B);
    expect(attempt(() => createContainer().get(A)).message).toBe('A → B → A need one another');
  });
});

function attempt(action: () => unknown): ContainerError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ContainerError);
    return error as ContainerError;
  }
  throw new Error('nothing was thrown');
}
