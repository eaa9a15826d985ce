import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { host, port } from './arguments.mjs';
import { ApplicationModule } from './nest-modules.mjs';

const app = await NestFactory.create(ApplicationModule, new FastifyAdapter(), { logger: false });
await app.listen(port, host);
