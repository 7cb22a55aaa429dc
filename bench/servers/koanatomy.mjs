import { createRequire } from 'node:module';
import * as koanatomy from '../../dist/framework/index.js';
import { accept, caseClasses, makeCases, manyRoutes, orderClasses } from '../classes.mjs';
import { method } from '../decorate.mjs';
import { many, middleware, serve, withMiddleware } from './serve.mjs';

// The libraries that the package itself finds: class-transformer keeps its metadata per copy.
const find = createRequire(new URL('../../package.json', import.meta.url));
const transformer = find('class-transformer');
const { Order, Receipt } = orderClasses(find('class-validator'), transformer);
const { Case, Person } = caseClasses(transformer);
const cases = makeCases({ Case, Person });

const { Body, createApp, GET, Path, PathParam, POST, QueryParam, Status } = koanatomy;
/** Declares what a method returns. */
const returns = (type) => (koanatomy.Returns === undefined ? [] : [koanatomy.Returns(type)]);

class PingController {
  ping() {
    return { ping: 'pong' };
  }
}
method(PingController, 'ping', { decorators: [GET, Path('/ping')] });
Path('/test')(PingController);

class CaseController {
  list() {
    return cases;
  }
  part(id, part, limit, open) {
    return { id, part, limit, open };
  }
}
method(CaseController, 'list', { returns: Array, decorators: [GET, ...returns([Case])] });
method(CaseController, 'part', {
  parameters: [
    [Number, [PathParam('id')]],
    [String, [PathParam('part')]],
    [Number, [QueryParam('limit')]],
    [Boolean, [QueryParam('open')]],
  ],
  decorators: [GET, Path('/{id}/parts/{part}')],
});
Path('/cases')(CaseController);

class OrderController {
  create(order) {
    return accept(order, new Receipt());
  }
}
method(OrderController, 'create', {
  parameters: [[Order, [Body]]],
  returns: Receipt,
  decorators: [POST, Status(201), ...returns(Receipt)],
});
Path('/orders')(OrderController);

const areas = new Map();
for (const { area, thing } of manyRoutes(many)) {
  if (!areas.has(area)) areas.set(area, class {});
  const Area = areas.get(area);
  Area.prototype[`thing${thing}`] = (id) => ({ thing, id });
  method(Area, `thing${thing}`, {
    parameters: [[String, [PathParam('id')]]],
    decorators: [GET, Path(`/thing${thing}/{id}`)],
  });
}
for (const [area, Area] of areas) Path(`/area${area}`)(Area);

const app = await createApp({
  controllers: [PingController, CaseController, OrderController, ...areas.values()],
  logger: false,
});
if (withMiddleware) app.use(middleware);
serve(app.listen(0, '127.0.0.1'));
