import 'reflect-metadata';
import helmet from '@fastify/helmet';
import {
  BadRequestException,
  Body,
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Param,
  Post,
  SetMetadata,
  UnauthorizedException,
} from '@nestjs/common';
import { APP_GUARD, NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { z } from 'zod';
import { host, pluginIds, port } from '../arguments.mjs';
import { otherRoutes } from './order.mjs';

const Order = z.strictObject({
  customer: z.string(),
  items: z.array(z.strictObject({ id: z.int(), label: z.string(), price: z.number() })),
});

/** What Nest's documentation recommends for a schema library. */
class OrderPipe {
  transform(value) {
    const { success, data } = Order.safeParse(value);
    if (!success) throw new BadRequestException();
    return data;
  }
}

/** A decision about who may ask, from what the route says. */
class AllowGuard {
  constructor(reflector) {
    this.reflector = reflector;
  }
  canActivate(context) {
    if (this.reflector.get('allow', context.getHandler()) === 'unauthenticated') return true;
    throw new UnauthorizedException();
  }
}
Injectable()(AllowGuard);
Inject(Reflector)(AllowGuard, undefined, 0);

/** Decorators are called as functions, so nothing is to be compiled. */
function decorate(prototype, method, ...decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
  for (const decorator of decorators) decorator(prototype, method, descriptor);
}

function moduleOf(pluginId) {
  class Greeter {
    greet() {
      return { hello: pluginId };
    }
  }
  Injectable()(Greeter);

  class GreetingController {
    constructor(greeter) {
      this.greeter = greeter;
    }
    hello() {
      return this.greeter.greet();
    }
    echo(body) {
      return body;
    }
  }
  Inject(Greeter)(GreetingController, undefined, 0);
  const { prototype } = GreetingController;
  decorate(prototype, 'hello', Get('hello'), SetMetadata('allow', 'unauthenticated'));
  Body(OrderPipe)(prototype, 'echo', 0);
  decorate(prototype, 'echo', Post('echo'), SetMetadata('allow', 'unauthenticated'));
  for (const name of otherRoutes) {
    prototype[name] = id => ({ id });
    Param('id')(prototype, name, 0);
    decorate(prototype, name, Get(`${name}/:id`), SetMetadata('allow', 'unauthenticated'));
  }
  Controller(`api/${pluginId}`)(GreetingController);

  class GreetingModule {}
  Module({ controllers: [GreetingController], providers: [Greeter] })(GreetingModule);
  return GreetingModule;
}

class ApplicationModule {}
Module({
  imports: pluginIds.map(moduleOf),
  providers: [{ provide: APP_GUARD, useClass: AllowGuard }],
})(ApplicationModule);

const app = await NestFactory.create(ApplicationModule, new FastifyAdapter({ requestIdHeader: 'x-request-id' }), {
  logger: false,
});
await app.register(helmet, { contentSecurityPolicy: { directives: { defaultSrc: ["'none'"] } } });
app
  .getHttpAdapter()
  .getInstance()
  .addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    reply.header('cache-control', 'no-store');
    done();
  });
await app.listen(port, host);
