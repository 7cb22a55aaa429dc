// The classes of the workloads, declared with whichever copies of class-validator and class-transformer a peer uses.
// The constraints are those that JSON Schema can say too, so that every peer checks the same: no `@IsEmail()`, which
// means one thing to validator.js and another to ajv.
import { field } from './decorate.mjs';

/** The body of the POST: nine properties, one of them nested. */
export function orderClasses(validator, { Type }) {
  const { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsNumber, IsOptional, IsString } = validator;
  const { Length, Matches, Max, MaxLength, Min, ValidateNested } = validator;

  class Address {}
  field(Address, 'street', String, IsString(), Length(1, 100));
  field(Address, 'city', String, IsString(), Length(1, 60));
  field(Address, 'postcode', String, Matches(/^\d{4,5}$/));
  field(Address, 'country', String, IsString(), Length(2, 2));

  class Order {}
  field(Order, 'reference', String, IsString(), Length(3, 40));
  field(Order, 'customer', String, Matches(/^[A-Z]{2}\d{6}$/));
  field(Order, 'quantity', Number, IsInt(), Min(1), Max(1000));
  field(Order, 'price', Number, IsNumber(), Min(0));
  field(Order, 'priority', String, IsIn(['low', 'normal', 'high']));
  field(Order, 'express', Boolean, IsBoolean());
  field(Order, 'tags', Array, IsArray(), ArrayMaxSize(5), IsString({ each: true }));
  field(Order, 'note', String, IsOptional(), IsString(), MaxLength(200));
  field(
    Order,
    'address',
    Address,
    ValidateNested(),
    Type(() => Address),
  );

  class Receipt {}
  return { Order, Receipt };
}

/** The items of the list: a date, a nested instance, an array, and one property that must not be shown. */
export function caseClasses({ Exclude, Type }) {
  class Person {}
  class Case {}
  field(
    Case,
    'createdAt',
    Date,
    Type(() => Date),
  );
  field(
    Case,
    'assignee',
    Person,
    Type(() => Person),
  );
  field(Case, 'internalNote', String, Exclude());
  return { Case, Person };
}

const STATUS = ['open', 'waiting', 'closed'];

/** A hundred cases, about 32 KB as JSON. */
export function makeCases({ Case, Person }) {
  return Array.from({ length: 100 }, (_, index) =>
    Object.assign(new Case(), {
      id: index + 1,
      reference: `case-2026-${1000 + index}`,
      title: `The ${index}th thing that "somebody" asked for`,
      status: STATUS[index % 3],
      priority: index % 5,
      urgent: index % 7 === 0,
      createdAt: new Date(Date.UTC(2026, 0, 1 + (index % 28), index % 24)),
      assignee: Object.assign(new Person(), {
        id: index % 9,
        name: `Person Number ${index % 9}`,
        team: 'north',
      }),
      tags: ['first', 'second', `tag${index % 4}`],
      description: 'What was asked, in a sentence or two, as it is.',
      internalNote: 'not for clients',
    }),
  );
}

/** What answers the POST. */
export function accept(order, receipt = {}) {
  receipt.id = 1;
  receipt.reference = order.reference;
  receipt.total = order.quantity * order.price;
  receipt.city = order.address.city;
  return receipt;
}

/** The many routes: fifty areas, and in each as many things as it takes. */
export function manyRoutes(count) {
  return Array.from({ length: count }, (_, thing) => ({ area: thing % 50, thing }));
}
