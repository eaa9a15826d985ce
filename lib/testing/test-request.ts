import type { RequestListener } from 'node:http';
import { inject, type InjectOptions } from 'light-my-request';

export interface TestRequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | string[]>>;
  /** Sent as JSON, unless it is a string or a Buffer. */
  readonly body?: unknown;
}

export interface TestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  /** What JSON the answer is; its text where it is none. */
  readonly body: unknown;
  readonly text: string;
}

type Send = (path: string, options?: TestRequestOptions) => Promise<TestResponse>;

/** Sends requests through the backend's real HTTP pipeline, without a socket. */
export class TestRequest {
  readonly get: Send = (path, options) => this.send('GET', path, options);
  readonly head: Send = (path, options) => this.send('HEAD', path, options);
  readonly post: Send = (path, options) => this.send('POST', path, options);
  readonly put: Send = (path, options) => this.send('PUT', path, options);
  readonly patch: Send = (path, options) => this.send('PATCH', path, options);
  readonly delete: Send = (path, options) => this.send('DELETE', path, options);
  readonly #handler: RequestListener;

  constructor(handler: RequestListener) {
    this.#handler = handler;
  }

  async send(method: string, path: string, { headers, query, body }: TestRequestOptions = {}): Promise<TestResponse> {
    const response = await inject(this.#handler, {
      method: method as InjectOptions['method'] & string,
      url: path,
      headers: { host: 'localhost', ...headers },
      ...(query && { query }),
      ...(body !== undefined && { payload: body as string }),
    });
    const text = response.payload;
    const json = String(response.headers['content-type'] ?? '').includes('json') && text !== '';
    return {
      status: response.statusCode,
      headers: response.headers,
      body: json ? (JSON.parse(text) as unknown) : text,
      text,
    };
  }
}
