import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PluginRequest } from '../../api/http-services.js';
import { ServiceUnavailableError } from '../../errors/http-error.js';
import { answerError, type ErrorReporter } from './error-answer.js';

/** One request and its answer, from the first header to the last byte. */
export class Exchange implements PluginRequest {
  readonly receivedAt = performance.now();
  /** As the router that has it sees it: of the whole request target, later relative to the plugin. */
  path = '/';
  /** The plugin that answers. */
  pluginId: string | undefined;
  /** Where it is among the open ones. */
  index = -1;
  /** When the answer is too late, in ms since 1970. */
  deadline: number | undefined;
  #answered: AbortController | undefined;
  #closing: AbortController | undefined;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #deadline: NodeJS.Timeout | undefined;
  readonly #report: ErrorReporter;

  constructor(
    readonly req: IncomingMessage,
    readonly res: ServerResponse,
    readonly requestId: string,
    report: ErrorReporter,
  ) {
    this.#report = report;
  }

  get signal(): AbortSignal {
    this.#answered ??= controller(this.#state === 'closed');
    return this.#answered.signal;
  }

  get closing(): AbortSignal {
    this.#closing ??= controller(this.#state !== 'open');
    return this.#closing.signal;
  }

  /** Has a limit of its own, so that the server's does not apply. */
  get hasDeadline(): boolean {
    return this.#deadline !== undefined;
  }

  /** Somebody listens for the end of the server, and may want to say good-bye. */
  get wantsNotice(): boolean {
    return this.#closing !== undefined;
  }

  answerWithin(timeout: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.expire(), timeout).unref();
  }

  /** Answers with the error, or cuts the answer off; `false` where it is too late for either. */
  fail(error: unknown): boolean {
    if (this.#state === 'closed' || this.res.writableEnded) return false;
    answerError(this, error, this.#report);
    return true;
  }

  /** The handler had its time. What it still says is not heard. */
  expire(): void {
    if (this.res.headersSent) return;
    this.res.shouldKeepAlive = false;
    this.fail(new ServiceUnavailableError('The answer took too long', { code: 'handler_timeout' }));
    this.close();
  }

  /** The server is about to stop: the connection ends with this answer, and so does what has no end of its own. */
  announceClosing(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.res.shouldKeepAlive = false;
    this.#closing?.abort();
  }

  /** Nobody waits for the answer any more. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#deadline);
    this.#answered?.abort();
    this.#closing?.abort();
  }
}

function controller(aborted: boolean): AbortController {
  const made = new AbortController();
  if (aborted) made.abort();
  return made;
}
