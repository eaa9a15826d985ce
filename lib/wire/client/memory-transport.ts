import { AsyncResource } from 'node:async_hooks';
import type { RootHttpRouterService } from '../../api/http-services.js';
import type { WireResponse } from '../../api/wire-service.js';
import { MemoryRequest } from './memory-request.js';
import { MemoryResponse } from './memory-response.js';
import { MemorySocket } from './memory-socket.js';
import { Patience } from './patience.js';
import { headersOf, type SentCall, type Transport } from './transport.js';
import { brokenOff, unreachable } from './wire-errors.js';

/**
 * Calls within this process: through the whole pipeline of the other plugin, but over no network.
 *
 * Nothing is shared but text. What belongs to one side runs in its own asynchronous context: the other's code in that
 * of this transport's construction, the caller's in the one it calls from.
 */
export class MemoryTransport implements Transport {
  readonly #router: RootHttpRouterService;
  readonly #context = new AsyncResource('BackplaneCall');

  constructor(router: RootHttpRouterService) {
    this.#router = router;
  }

  send(call: SentCall): Promise<WireResponse> {
    return new Promise((resolve, reject) => {
      const { operation, request, callerId } = call;
      let res: MemoryResponse | undefined;
      const fail = (error: unknown) => {
        reject(error);
        res!.close(error as Error);
      };
      const socket = new MemorySocket(() => fail(res!.headersSent ? brokenOff(operation) : unreachable(operation)));
      const patience = new Patience(call, error =>
        this.#run(() => {
          fail(error);
          socket.destroy();
        }),
      );
      const req = new MemoryRequest(socket, request, headersOf(call));
      res = new MemoryResponse(req, socket, {
        call,
        patience,
        run: this.#run,
        onHead: resolve,
        onEnd: () => {
          patience.stop();
          req.leave();
        },
      });
      this.#context.runInAsyncScope(handle, undefined, this.#router, req, res, callerId);
    });
  }

  readonly #run = (work: () => void): void => this.#context.runInAsyncScope(work);
}

function handle(router: RootHttpRouterService, req: MemoryRequest, res: MemoryResponse, callerId: string): void {
  router.handleLocal(req, res, callerId);
}
