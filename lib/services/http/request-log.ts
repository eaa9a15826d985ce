import type { Logger } from '../../api/logger-service.js';
import type { Exchange } from './exchange.js';
import { isFromNetwork } from './network-request.js';

/** Longest text of a caller's in a line, in characters. */
const longest = 2_048;

/** One line for each request that came over the network, when its answer has gone or been given up. */
export class RequestLog {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  write(exchange: Exchange): void {
    const { req, res, pluginId, target: url } = exchange;
    if (!isFromNetwork(req)) return;
    const upgraded = exchange.upgrade?.isTaken;
    const query = url.indexOf('?');
    const end = query === -1 ? url.length : query;
    this.#logger.info('Request answered', {
      type: 'incomingRequest',
      method: req.method,
      // Without the query, in which tokens are sent by those who do not know better.
      url: url.slice(0, Math.min(end, longest)),
      status: upgraded ? 101 : res.headersSent ? res.statusCode : undefined,
      duration: Math.round((performance.now() - exchange.receivedAt) * 10) / 10,
      contentLength: exchange.contentLength,
      userAgent: req.headers['user-agent']?.slice(0, 256),
      requestId: exchange.requestId,
      ...(pluginId !== undefined && { plugin: pluginId }),
      ...(exchange.isUnread
        ? { aborted: true, reason: 'slow_reader' }
        : !res.writableFinished && !upgraded && { aborted: true }),
    });
  }
}
