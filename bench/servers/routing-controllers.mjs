import 'reflect-metadata';
import transformer from 'class-transformer';
import validator from 'class-validator';
import routing from 'routing-controllers';
import { accept, caseClasses, makeCases, manyRoutes, orderClasses } from '../classes.mjs';
import { method } from '../decorate.mjs';
import { many, serve } from './serve.mjs';

const { Body, createKoaServer, Get, HttpCode, JsonController, Param, Post, QueryParam } = routing;
const { Order, Receipt } = orderClasses(validator, transformer);
const { Case, Person } = caseClasses(transformer);
const cases = makeCases({ Case, Person });

class PingController {
  ping() {
    return { ping: 'pong' };
  }
}
method(PingController, 'ping', { decorators: [Get('/ping')] });
JsonController('/test')(PingController);

class CaseController {
  list() {
    return cases;
  }
  part(id, part, limit, open) {
    return { id, part, limit, open };
  }
}
method(CaseController, 'list', { returns: Array, decorators: [Get('')] });
method(CaseController, 'part', {
  parameters: [
    [Number, [Param('id')]],
    [String, [Param('part')]],
    [Number, [QueryParam('limit')]],
    [Boolean, [QueryParam('open')]],
  ],
  decorators: [Get('/:id/parts/:part')],
});
JsonController('/cases')(CaseController);

class OrderController {
  create(order) {
    return accept(order, new Receipt());
  }
}
method(OrderController, 'create', {
  parameters: [[Order, [Body()]]],
  returns: Receipt,
  decorators: [Post(''), HttpCode(201)],
});
JsonController('/orders')(OrderController);

const areas = new Map();
for (const { area, thing } of manyRoutes(many)) {
  if (!areas.has(area)) areas.set(area, class {});
  const Area = areas.get(area);
  Area.prototype[`thing${thing}`] = (id) => ({ thing, id });
  method(Area, `thing${thing}`, {
    parameters: [[String, [Param('id')]]],
    decorators: [Get(`/thing${thing}/:id`)],
  });
}
for (const [area, Area] of areas) JsonController(`/area${area}`)(Area);

const app = createKoaServer({
  controllers: [PingController, CaseController, OrderController, ...areas.values()],
  development: false,
  validation: { whitelist: true, validationError: { target: false, value: false } },
});
serve(app.listen(0, '127.0.0.1'));
