import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { type Account, currentAccount, type Travelling } from '../../api/attribution.js';
import { AuthService } from '../../api/auth-services.js';
import type { CallOptions } from '../../api/call.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import { RootWireService, type OutgoingCall } from '../../api/root-wire-service.js';
import { WireService, type WireRequest, type WireResponse } from '../../api/wire-service.js';
import { decodeResponse } from '../../contract/decode-response.js';
import { encodeRequest } from '../../contract/encode-request.js';
import type { OperationDefinition } from '../../contract/operation.js';
import { JsonCopy } from '../json-copy.js';
import { fetchRequest, fetchResponse, type WireFetchInit } from './fetch.js';
import { requireSound } from './sound-call.js';
import { asStartError } from './start-error.js';

/** How one plugin calls others. */
@Service({ implements: WireService })
export class PluginWire extends WireService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #pluginId: string;
  readonly #auth: AuthService;
  readonly #root: RootWireService;

  constructor(
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
    @Inject(AuthService) auth: AuthService,
    @Inject(RootWireService) root: RootWireService,
  ) {
    super();
    this.#pluginId = plugin.getId();
    this.#auth = auth;
    this.#root = root;
  }

  override async call(operation: OperationDefinition, input: unknown, options: CallOptions): Promise<unknown> {
    requireSound(options, `the operation '${operation.name}' of plugin '${operation.pluginId}'`);
    const { method, pluginId, allow } = operation;
    const request = { pluginId, ...encodeRequest(operation, input, JsonCopy.of) };
    const isIdempotent = operation.idempotent ?? isIdempotentMethod(method);
    const isOpen = allow === 'unauthenticated' && isNobody(options);
    const token = isOpen ? undefined : await this.#tokenFor(options, pluginId);
    const response = await this.#send(request, options, token, { operation, isIdempotent, takesJson: true });
    try {
      return await decodeResponse(operation, response);
    } catch (error) {
      throw asStartError(error, this.#pluginId);
    }
  }

  override async fetch(url: string | URL, init: WireFetchInit): Promise<Response> {
    requireSound((init as typeof init | undefined)?.call, `'${String(url)}'`);
    const request = await fetchRequest(url, init);
    const { pluginId, method, path } = request;
    const operation = { pluginId, name: `${method} ${path.split('?', 1)[0]}` };
    const token = isNobody(init.call) ? undefined : await this.#tokenFor(init.call, pluginId);
    const isIdempotent = isIdempotentMethod(method);
    return fetchResponse(method, await this.#send(request, init.call, token, { operation, isIdempotent }));
  }

  /** Rejects where the credentials are nobody's, unless nobody is asked for any: then there is none. */
  async #tokenFor({ credentials }: CallOptions, targetPluginId: string): Promise<string | undefined> {
    const onBehalfOf = credentials === 'own' ? this.#auth.getOwnServiceCredentials() : credentials;
    const { token } = await this.#auth.getPluginRequestToken({ onBehalfOf, targetPluginId });
    return token || undefined;
  }

  #send(
    request: WireRequest,
    options: CallOptions,
    token: string | undefined,
    { operation, isIdempotent, takesJson }: Pick<OutgoingCall, 'operation' | 'isIdempotent' | 'takesJson'>,
  ): Promise<WireResponse> {
    const within = this.#within();
    const { signal } = options;
    const requestId = options.credentials === 'own' ? undefined : options.requestId;
    const ownDeadline = ownDeadlineOf(options);
    const given = options.credentials === 'own' ? undefined : options.deadline;
    const theirs = earliest(given, within?.isOver ? undefined : within?.deadlineFor(token === undefined));
    const deadline = earliest(ownDeadline, theirs);
    const isHurried = theirs !== undefined && deadline === theirs;
    const call = {
      request,
      operation,
      token,
      within,
      deadline,
      isHurried,
      signal,
      requestId,
      isIdempotent,
      takesJson,
    };
    const sent = this.#root.send(call, this.#pluginId);
    const calls = this.#account()?.calls;
    return calls ? notedIn(calls, sent, operation) : sent;
  }

  /** The request that this plugin answers just now: what another one answers is not for us to go on with. */
  #within(): Travelling | undefined {
    return this.#account()?.request;
  }

  #account(): Account | undefined {
    const account = currentAccount();
    return account?.pluginId === this.#pluginId ? account : undefined;
  }
}

/** So that a start which hangs can say what it waits for. */
async function notedIn<T>(
  calls: Set<string>,
  sent: Promise<T>,
  { name, pluginId }: OutgoingCall['operation'],
): Promise<T> {
  const title = `operation '${name}' of plugin '${pluginId}'`;
  calls.add(title);
  try {
    return await sent;
  } finally {
    calls.delete(title);
  }
}

function isNobody({ credentials }: CallOptions): boolean {
  return credentials !== 'own' && credentials.principal.type === 'none';
}

function isIdempotentMethod(method: string): boolean {
  return method !== 'POST' && method !== 'PATCH';
}

function ownDeadlineOf(options: CallOptions): number | undefined {
  if (options.credentials !== 'own' || options.timeout === undefined) return undefined;
  return Date.now() + options.timeout;
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}
