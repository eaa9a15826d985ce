import type { Middleware } from 'koa';
import type { MountableMiddleware, PluginRequest } from '../../api/http-services.js';
import type { Logger } from '../../api/logger-service.js';
import type { Mode } from '../../api/metadata-services.js';
import { MethodNotAllowedError } from '../../errors/http-error.js';
import { reportTo } from './error-answer.js';
import { HttpApplication } from './http-application.js';
import { middlewareOf } from './middleware.js';
import { refuseEncodedSeparators } from './request-target.js';
import { isUsualMethod, usualMethods } from './usual-methods.js';

/** What answers at one path of the root, in a Koa application of its own. */
export class RootMiddleware {
  readonly #middleware: Middleware;
  readonly #application: HttpApplication;

  constructor(mountable: MountableMiddleware, mode: Mode, pluginId: string | undefined, logger: Logger) {
    this.#middleware = middlewareOf(mountable);
    this.#application = new HttpApplication(
      mode,
      pluginId,
      reportTo(pluginId ? logger.child({ plugin: pluginId }) : logger),
    );
  }

  serve(request: PluginRequest): Promise<void> {
    return this.#application.serve(request, async ctx => {
      if (!isUsualMethod(ctx.method)) throw new MethodNotAllowedError(usualMethods);
      refuseEncodedSeparators(request.path);
      ctx.res.statusCode = 404;
      request.continue();
      await this.#middleware(ctx, () => Promise.resolve());
    });
  }
}
