import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { z } from 'zod';
import {
  AuditSink,
  type AuditRecord,
  EventsService,
  githubSignature,
  type JsonObject,
  Plugin,
  type PublishOptions,
  RootHttpRouterService,
  Webhook,
  type WebhookOptions,
  type WebhookRequest,
} from '../../../lib/index.js';
import { defineTopic, type Topic } from '../../../lib/contract/define-topic.js';
import { override, TestBackend, type TestResponse } from '../../../lib/testing/index.js';

export const secret = 'f2d1c4a9e07b4b53a1c6d8e9';
export const otherSecret = '07c1e55a3b9f4d2e8a6b1c0d';

export const pushed = defineTopic({ pluginId: 'hooks', id: 'pushed', payload: z.object({ ref: z.string() }) });

export interface Published {
  readonly topic: string;
  readonly payload: unknown;
  readonly options: PublishOptions | undefined;
}

/** Keeps what is published, or fails as it is told. */
export class KeptEvents extends EventsService {
  readonly published: Published[] = [];
  failure: unknown;

  override async publish(topic: Topic, payload: unknown, options?: PublishOptions): Promise<void> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    this.published.push({ topic: topic.name, payload, options });
  }

  override subscribe(): void {}

  override addMethod(): void {}

  override async getDeadLetters(): Promise<readonly never[]> {
    return [];
  }

  override async redeliver(): Promise<number> {
    return 0;
  }
}

export type HookOptions = Omit<WebhookOptions<typeof pushed>, 'topic'>;

/** A plugin with a webhook of these options, `POST /api/hooks/in`, and another one, `POST /api/hooks/of/:tenant`. */
export function hooksPlugin(
  options: HookOptions,
  payloadOf: (request: WebhookRequest) => unknown = ({ body }) => body,
): new () => object {
  @Plugin({ pluginId: 'hooks' })
  class HooksPlugin {
    @Webhook('/in', { ...options, topic: pushed })
    take(request: WebhookRequest): never {
      return payloadOf(request) as never;
    }

    @Webhook('/of/:tenant', { ...options, topic: pushed })
    takeOf(request: WebhookRequest): never {
      return payloadOf(request) as never;
    }
  }
  return HooksPlugin;
}

export interface Sent {
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Below that of the plugin. */
  readonly path?: string;
}

/** A backend with these webhooks, what it has published, and its audit. */
export class WebhookFixture implements AsyncDisposable {
  readonly backend: TestBackend;
  readonly events: KeptEvents;
  readonly audit: AuditRecord[];

  private constructor(backend: TestBackend, events: KeptEvents, audit: AuditRecord[]) {
    this.backend = backend;
    this.events = events;
    this.audit = audit;
  }

  static async start(
    options: HookOptions,
    {
      config = { hooks: { secret } },
      payloadOf,
    }: { config?: JsonObject; payloadOf?: Parameters<typeof hooksPlugin>[1] } = {},
  ): Promise<WebhookFixture> {
    const events = new KeptEvents();
    const audit: AuditRecord[] = [];
    const sink = Object.assign(Object.create(AuditSink.prototype) as AuditSink, {
      write: (record: AuditRecord) => void audit.push(record),
    });
    const backend = await TestBackend.start({
      features: [hooksPlugin(options, payloadOf)],
      overrides: [override(EventsService).withValue(events), override(AuditSink).withValue(sink)],
      config: { ...config, backend: { listen: { host: '127.0.0.1', port: 0 }, logger: { level: 'silent' } } },
    });
    return new WebhookFixture(backend, events, audit);
  }

  async send({ body = '{"ref":"main"}', headers = {}, path = 'in' }: Sent = {}): Promise<TestResponse> {
    const all = { 'content-type': 'application/json', ...headers };
    return await this.backend.request.post(`/api/hooks/${path}`, { body, headers: all });
  }

  /** What is answered to these bytes, over a socket. */
  async raw(bytes: string | Buffer): Promise<string> {
    const { port } = this.backend.get(RootHttpRouterService).address!;
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', chunk => chunks.push(chunk));
    // A server that has heard enough may reset the connection.
    socket.on('error', () => {});
    socket.write(bytes);
    await new Promise(resolve => socket.once('close', resolve));
    return Buffer.concat(chunks).toString('latin1');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.backend.stop();
  }
}

export function hmacOf(text: string | Buffer, key = secret, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHmac('sha256', key).update(text).digest(encoding);
}

/** The body of most requests. */
export const body = '{"ref":"main"}';
/** As `codeOf()` says it. */
export const accepted = '202 {"status":"accepted"}';
export const github: HookOptions = { validator: githubSignature({ secret: 'hooks.secret' }) };

/** In s since 1970, as signatures have it. */
export const now = () => Math.floor(Date.now() / 1_000);

export function signedByGithub(text: string | Buffer = body, key = secret): Readonly<Record<string, string>> {
  return { 'x-hub-signature-256': `sha256=${hmacOf(text, key)}` };
}

export function codeOf(answer: TestResponse): string {
  const { error } = answer.body as { readonly error?: { readonly code: string } };
  return `${answer.status} ${error?.code ?? JSON.stringify(answer.body)}`;
}
