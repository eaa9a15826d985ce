import type { Call } from '../../api/call.js';
import type { Credentials } from '../../api/credentials.js';
import type { AdmittedRequest, PluginRequest } from '../../api/http-services.js';

/** What the handler of an operation is told besides the request's content. Everything is looked up when it is asked for. */
export class OperationCall implements Call {
  readonly credentials: Credentials;
  readonly #request: PluginRequest;
  #headers: Call['headers'] | undefined;

  constructor({ credentials, request }: AdmittedRequest) {
    this.credentials = credentials;
    this.#request = request;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  get deadline(): number | undefined {
    return this.#request.deadline;
  }

  get requestId(): string {
    return this.#request.requestId;
  }

  get headers(): Call['headers'] {
    return (this.#headers ??= withoutSecrets(this.#request));
  }
}

function withoutSecrets({ req }: PluginRequest): Call['headers'] {
  const headers = Object.create(null) as Record<string, string | undefined>;
  for (const [name, value] of Object.entries(req.headers)) {
    if (name === 'authorization' || name === 'proxy-authorization' || name === 'cookie') continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return Object.freeze(headers);
}
