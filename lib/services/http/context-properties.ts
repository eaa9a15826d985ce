import type { Context as KoaContext, Response as KoaResponse } from 'koa';
import type { PluginRequest, RequestClient } from '../../api/http-services.js';
import { assertSoundRedirect } from './sound-redirect.js';
import { statusError } from './status-error.js';

/** Where a context keeps the request it was made for. */
export const requestOf = Symbol('request');

/** The request that middleware of ours is asked about. */
export function requestBehind(ctx: object): PluginRequest {
  return (ctx as OwnContext)[requestOf];
}

const failed = Symbol('failed');

interface OwnContext {
  readonly [requestOf]: PluginRequest;
  [failed]?: boolean;
}

/** What our contexts have beyond Koa's, for the prototype of an application's contexts. */
export function contextProperties(
  koa: Pick<KoaContext, 'throw' | 'assert'>,
  pluginId: string | undefined,
  onError: (request: PluginRequest, error: unknown) => void,
): PropertyDescriptorMap {
  const assert = deliberate(koa.assert as Check);
  for (const [name, check] of Object.entries(koa.assert)) Object.assign(assert, { [name]: deliberate(check as Check) });
  return {
    pluginId: { value: pluginId },
    signal: {
      get(this: OwnContext) {
        return this[requestOf].signal;
      },
    },
    closing: {
      get(this: OwnContext) {
        return this[requestOf].closing;
      },
    },
    throw: { value: deliberate(koa.throw as Check) },
    assert: { value: assert },
    onerror: {
      value(this: OwnContext, error: unknown) {
        // Koa calls this at the end of every response, mostly with nothing to tell, and twice for a stream that failed.
        if (error === null || error === undefined || this[failed]) return;
        this[failed] = true;
        onError(this[requestOf], error);
      },
    },
  };
}

/** What Koa's requests say about their sender, by our rules for proxies instead of `app.proxy`. */
export const requestProperties: PropertyDescriptorMap = {
  ip: ofClient(({ ip }) => ip),
  ips: ofClient(({ ips }) => [...ips]),
  protocol: ofClient(({ protocol }) => protocol),
  host: ofClient(({ host }) => host),
};

/** Whatever sends somebody on, `ctx.redirect()` and `ctx.back()` among it, ends in this one. */
export function responseProperties({ redirect }: Pick<KoaResponse, 'redirect'>): PropertyDescriptorMap {
  return {
    redirect: {
      value(this: KoaResponse, target: string) {
        assertSoundRedirect(target);
        redirect.call(this, target);
      },
    },
    back: {
      // Koa fails at what is no address, which anybody can send.
      value(this: KoaResponse, otherwise = '/') {
        const from = this.ctx.get('Referrer');
        const url = from === '' ? undefined : URL.parse(from, this.ctx.href);
        const isOwn = url?.host === this.ctx.host && /^https?:$/.test(url.protocol);
        this.redirect(isOwn ? url.href : otherwise);
      },
    },
  };
}

function ofClient(read: (client: RequestClient) => unknown): PropertyDescriptor {
  return {
    get(this: { ctx: OwnContext }) {
      return read(this.ctx[requestOf].client);
    },
  };
}

type Check = (...args: unknown[]) => void;

/** Makes an error of ours of what `ctx.throw()` and `ctx.assert()` throw: there the author chose the status. */
function deliberate(check: Check): Check {
  return function (this: unknown, ...args) {
    try {
      check.apply(this, args);
    } catch (error) {
      const { status, expose, message } = error as { status: number; expose: boolean; message: string };
      throw status === 500 ? error : statusError(status, { message: expose ? message : undefined });
    }
  };
}
