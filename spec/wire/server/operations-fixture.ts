import { request } from 'node:http';
import { connect } from 'node:net';
import type { Call } from '../../../lib/api/call.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import type { OperationDraft } from '../../../lib/contract/operation.js';
import { PluginOperations } from '../../../lib/wire/server/plugin-operations.js';
import type { Input } from '../../../lib/wire/server/request-input.js';
import { configOf, HttpFixture, type Answer } from '../../services/http/http-fixture.js';

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  /** As JSON, unless it is text or bytes. */
  readonly body?: unknown;
}

type Handler = (input: Input, call: Call) => unknown;

/** The real HTTP services around the operations of a plugin `catalog`. */
export class OperationsFixture implements AsyncDisposable {
  private constructor(
    readonly http: HttpFixture,
    readonly operations: PluginOperations,
  ) {}

  static async start(backend: JsonObject = {}): Promise<OperationsFixture> {
    const http = await HttpFixture.start(backend);
    const config = await configOf(backend);
    return new OperationsFixture(http, new PluginOperations(http.plugin('catalog'), config));
  }

  /** Serves what `get()` and its like have made, to anybody. */
  serve({ method, path, options }: OperationDraft, call: Handler): void {
    const name = `op${path.replaceAll(/\W/g, '_')}`;
    const operation = { allow: 'unauthenticated', ...options, name, pluginId: 'catalog', method, path };
    this.operations.addMethod({
      pluginId: 'catalog',
      name: `Catalog.${name}`,
      decorator: 'Operation',
      options: { operation },
      place: undefined,
      middleware: [],
      call,
    });
  }

  async ask(methodAndPath: string, { headers = {}, body }: Sent = {}): Promise<Answer> {
    const [method, path] = methodAndPath.split(' ') as [string, string];
    const isPlain = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const content = isPlain ? body : JSON.stringify(body);
    const type: Record<string, string> = isPlain ? {} : { 'content-type': 'application/json' };
    return await send(
      this.http.port,
      { method, path: `/api/catalog${path}`, headers: { ...type, ...headers } },
      content,
    );
  }

  /** Sends bytes as they are; gives what comes back until the connection ends, or is quiet for `quiet` ms. */
  raw(bytes: string | Buffer, quiet = 150): Promise<string> {
    return new Promise(resolve => {
      let text = '';
      const socket = connect(this.http.port, '127.0.0.1', () => socket.write(bytes));
      socket.setTimeout(quiet, () => socket.destroy());
      socket.on('data', chunk => (text += chunk.toString('latin1')));
      socket.on('error', () => {});
      socket.on('close', () => resolve(text));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.http[Symbol.asyncDispose]();
  }
}

function send(
  port: number,
  options: { method: string; path: string; headers: Readonly<Record<string, string>> },
  content: string | Uint8Array | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', agent: false, ...options }, incoming => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const { statusCode = 0, headers } = incoming;
        const isJson = headers['content-type']?.startsWith('application/json') && text !== '';
        resolve({ status: statusCode, headers, text, body: isJson ? (JSON.parse(text) as unknown) : undefined });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(content);
  });
}
