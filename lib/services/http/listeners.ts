import type { RootConfigService } from '../../api/config-service.js';
import type { Logger } from '../../api/logger-service.js';
import { AtMostEvery } from '../../util/at-most-every.js';
import type { Dispatcher } from './dispatcher.js';
import { stopGracefully, type Draining } from './graceful-stop.js';
import { HttpServer } from './http-server.js';
import type { HttpSettings } from './http-settings.js';
import type { OpenExchanges } from './open-exchanges.js';
import { certificateOf } from './self-signed-certificate.js';
import { readTlsSettings } from './tls-settings.js';

/** Who answers what comes through a server. */
interface Answering {
  readonly dispatcher: Dispatcher;
  readonly open: OpenExchanges;
}

interface Terms {
  /** Sent with what is no request, as lines. */
  readonly headers: string;
  readonly logger: Logger;
}

/** The server that everybody asks, and the one for internal endpoints where there is one. */
export class Listeners implements AsyncDisposable {
  readonly #settings: HttpSettings;
  readonly #outer: Answering;
  readonly #inner: Answering;
  readonly #terms: Terms;
  readonly #complaints = new AtMostEvery(10_000);
  #server: HttpServer | undefined;
  #internalServer: HttpServer | undefined;
  #renewals: { unsubscribe(): void } | undefined;

  /** `inner` answers calls within this process as well. */
  constructor(settings: HttpSettings, outer: Answering, inner: Answering, terms: Terms) {
    this.#settings = settings;
    this.#outer = outer;
    this.#inner = inner;
    this.#terms = terms;
  }

  get address(): { readonly host: string; readonly port: number } | undefined {
    return this.#server?.address;
  }

  get url(): string | undefined {
    return this.#server?.url;
  }

  get internalUrl(): string | undefined {
    return (this.#internalServer ?? this.#server)?.url;
  }

  /** Rejects with a `BackplaneError` that says why it cannot listen. */
  async listen(config: RootConfigService): Promise<void> {
    const { listen, internalListen, server: limits, tls } = this.#settings;
    const { headers, logger } = this.#terms;
    const shared = { limits, headers, onError: this.#tell };
    if (listen) {
      const certificate = tls && (await certificateOf(tls));
      this.#server = await HttpServer.listen(listen, { ...shared, ...this.#outer, certificate });
      if (tls) this.#renewals = config.subscribe(() => void this.#renew(config));
      logger.info(`Listening at ${this.url}`, { ...this.address });
    }
    if (internalListen) {
      const options = { ...shared, ...this.#inner, certificate: undefined };
      this.#internalServer = await HttpServer.listen(internalListen, options);
      logger.info(`Listening at ${this.internalUrl}, also for internal endpoints`);
    }
  }

  /** See `stopGracefully()`. */
  stop(times: { readonly delay: number; readonly timeout: number }, hurry: AbortSignal): Promise<void> {
    return stopGracefully(this.#draining, times, hurry);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#renewals?.unsubscribe();
    for (const { open } of this.#draining) open.cut();
    await Promise.all(this.#draining.map(async ({ server }) => server?.close()));
    for (const { open } of this.#draining) open[Symbol.dispose]();
  }

  /** In the order in which they end: who looks after this backend may ask until all others are answered. */
  get #draining(): readonly Draining[] {
    const outer = { server: this.#server, open: this.#outer.open };
    const inner = { server: this.#internalServer, open: this.#inner.open };
    return inner.open === outer.open ? [outer] : [outer, inner];
  }

  /** A certificate is renewed while the backend runs. */
  async #renew(config: RootConfigService): Promise<void> {
    try {
      const tls = readTlsSettings(config);
      if (tls) this.#server?.renew(await certificateOf(tls));
    } catch (error) {
      this.#terms.logger.error('The certificate is invalid; the previous one stays in use', { error });
    }
  }

  readonly #tell = (error: Error): void => {
    if (this.#complaints.admits()) this.#terms.logger.error('A connection cannot be accepted', { error });
  };
}
