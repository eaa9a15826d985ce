import { NestFactory } from '@nestjs/core';
import { host, port } from './arguments.mjs';
import { ApplicationModule } from './nest-modules.mjs';

const app = await NestFactory.create(ApplicationModule, { logger: false });
await app.listen(port, host);
