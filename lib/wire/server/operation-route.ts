import type { OperationAnnotation } from '../../../decorators/operation.js';
import type { AdmittedRequest, PluginRequest, RouteDefinition } from '../../api/http-services.js';
import type { AnnotatedMethod } from '../../api/annotated-method.js';
import type { Call } from '../../api/call.js';
import type { Allow } from '../../contract/allow.js';
import type { OperationDefinition } from '../../contract/operation.js';
import { isRawBody } from '../../contract/raw-body.js';
import { answerOf, type SendAnswer } from './answer.js';
import { OperationCall } from './operation-call.js';
import type { BodyLimits } from './request-body.js';
import { RequestReader, type Input } from './request-input.js';
import { tellingOf, type TellError } from './told-error.js';

type Handle = (input: Input, call: Call) => unknown;

/** The route of an operation: reads and checks the request, calls the method, and sends what it returns. */
export class OperationRoute implements RouteDefinition {
  readonly method: RouteDefinition['method'];
  readonly path: string;
  readonly allow?: Allow;
  readonly timeout?: number;
  readonly source: AnnotatedMethod;
  readonly operation: OperationDefinition;
  readonly #reader: RequestReader;
  readonly #handle: Handle;
  readonly #send: SendAnswer;
  readonly #tell: TellError;
  readonly #leavesBody: boolean;

  /** Throws where a schema cannot be understood. */
  constructor(source: AnnotatedMethod, limits: BodyLimits, countDropped: (count: number) => void) {
    const { operation, allow = operation.allow } = source.options as OperationAnnotation;
    const { method, path, timeout } = operation;
    this.method = method;
    this.path = path;
    if (allow !== undefined) this.allow = allow;
    if (timeout !== undefined) this.timeout = timeout;
    this.source = source;
    this.operation = operation;
    this.#reader = new RequestReader(operation, limits, countDropped);
    this.#handle = source.call as Handle;
    this.#leavesBody = isRawBody(operation.body);
    this.#tell = tellingOf(operation);
    this.#send = answerOf(operation, this.#tell);
  }

  answer(admitted: AdmittedRequest): void | Promise<void> {
    return this.#reader.read(admitted, this.#answer);
  }

  readonly #answer = (admitted: AdmittedRequest, input: Input): void | Promise<void> => {
    const { request } = admitted;
    let returned: unknown;
    try {
      returned = this.#handle(input, new OperationCall(admitted));
    } catch (error) {
      throw this.#failed(request, error);
    }
    if (!isPromise(returned)) return this.#settle(request, returned);
    return Promise.resolve(returned).then(
      value => this.#settle(request, value),
      (error: unknown) => {
        throw this.#failed(request, error);
      },
    );
  };

  #settle(request: PluginRequest, value: unknown): void | Promise<void> {
    const { res } = request;
    // The caller has gone, or was told that it took too long.
    if (res.headersSent || res.destroyed) return undefined;
    this.#endWithRest(request);
    // What comes bit by bit may fail as late as that.
    return this.#send(request, value)?.catch((error: unknown) => {
      throw this.#failed(request, error);
    });
  }

  #failed(request: PluginRequest, error: unknown): unknown {
    this.#endWithRest(request);
    return this.#tell(error);
  }

  /** What the handler has not read of raw bytes is not waited for: the connection ends with the answer. */
  #endWithRest({ req, res }: PluginRequest): void {
    if (this.#leavesBody && !req.complete && !res.headersSent) res.shouldKeepAlive = false;
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    value instanceof Promise ||
    (typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function')
  );
}
