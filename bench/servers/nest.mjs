import 'reflect-metadata';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import transformer from 'class-transformer';
import validator from 'class-validator';
import { accept, caseClasses, makeCases, manyRoutes, orderClasses } from '../classes.mjs';
import { method } from '../decorate.mjs';
import { many, serve } from './serve.mjs';

const { Body, ClassSerializerInterceptor, Controller, Get, Module, Param, Post, Query, ValidationPipe } =
  common;
const { Order, Receipt } = orderClasses(validator, transformer);
const { Case, Person } = caseClasses(transformer);
const cases = makeCases({ Case, Person });

class PingController {
  ping() {
    return { ping: 'pong' };
  }
}
method(PingController, 'ping', { decorators: [Get('/ping')] });
Controller('/test')(PingController);

class CaseController {
  list() {
    return cases;
  }
  part(id, part, limit, open) {
    return { id, part, limit, open };
  }
}
method(CaseController, 'list', { returns: Array, decorators: [Get()] });
method(CaseController, 'part', {
  parameters: [
    [Number, [Param('id')]],
    [String, [Param('part')]],
    [Number, [Query('limit')]],
    [Boolean, [Query('open')]],
  ],
  decorators: [Get('/:id/parts/:part')],
});
Controller('/cases')(CaseController);

class OrderController {
  create(order) {
    return accept(order, new Receipt());
  }
}
method(OrderController, 'create', {
  parameters: [[Order, [Body()]]],
  returns: Receipt,
  decorators: [Post()],
});
Controller('/orders')(OrderController);

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
for (const [area, Area] of areas) Controller(`/area${area}`)(Area);

class AppModule {}
Module({ controllers: [PingController, CaseController, OrderController, ...areas.values()] })(AppModule);

const app = await core.NestFactory.create(AppModule, new FastifyAdapter(), { logger: false });
app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }));
app.useGlobalInterceptors(new ClassSerializerInterceptor(app.get(core.Reflector)));
await app.listen(0, '127.0.0.1');
serve(app.getHttpServer());
