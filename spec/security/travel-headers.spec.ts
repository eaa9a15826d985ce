import { expect } from 'chai';
import { z } from 'zod';
import { Controller, Inject, Plugin } from '../../decorators/index.js';
import type { Call } from '../../lib/api/call.js';
import { clientOf } from '../../lib/api/client-of.js';
import { RootLoggerService } from '../../lib/api/logger-service.js';
import { defineApi, get } from '../../lib/contract/index.js';
import { mockCredentials, mockServices, override, TestBackend } from '../../lib/testing/index.js';

const open = { allow: 'unauthenticated', response: z.unknown() } as const;
const frontApi = defineApi({
  pluginId: 'front',
  operations: {
    asMyself: get('/as-myself', open),
    asCaller: get('/as-caller', open),
    circle: get('/circle', open),
    slowly: get('/slowly', open),
  },
});
const backApi = defineApi({
  pluginId: 'back',
  operations: { tell: get('/tell', open), circle: get('/circle', open), hang: get('/hang', open) },
});

class FrontClient extends clientOf(frontApi) {}
class BackClient extends clientOf(backApi) {}

@Controller(frontApi)
class FrontController {
  constructor(@Inject(BackClient) private readonly back: BackClient) {}

  asMyself(): Promise<unknown> {
    return this.back.tell({}, { credentials: 'own' });
  }

  asCaller(_: unknown, call: Call): Promise<unknown> {
    return this.back.tell({}, call);
  }

  circle(_: unknown, call: Call): Promise<unknown> {
    return this.back.circle({}, call);
  }

  slowly(_: unknown, call: Call): Promise<unknown> {
    return this.back.hang({}, call);
  }
}

@Controller(backApi)
class BackController {
  constructor(@Inject(FrontClient) private readonly front: FrontClient) {}

  tell(_: unknown, { headers, credentials }: Call): Promise<unknown> {
    const { 'x-backplane-hops': hops, 'x-backplane-timeout': timeout } = headers;
    return Promise.resolve({ hops, timeout, type: credentials.principal.type });
  }

  circle(_: unknown, call: Call): Promise<unknown> {
    return this.front.circle({}, call);
  }

  hang(_: unknown, { signal }: Call): Promise<unknown> {
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => setTimeout(() => reject(new Error('nobody waits')), 20));
    });
  }
}

@Plugin({ pluginId: 'front', controllers: [FrontController] })
class FrontPlugin {}

@Plugin({ pluginId: 'back', controllers: [BackController] })
class BackPlugin {}

const said = { 'x-backplane-hops': '10', 'x-backplane-timeout': '5000' };
const user = { authorization: mockCredentials.user.header() };
const service = { authorization: mockCredentials.service.header() };

for (const [transport, inMemory] of [
  ['in memory', true],
  ['over HTTP', false],
] as const) {
  describe(`What a caller says of the calls before its own, told ${transport}`, () => {
    const logger = mockServices.rootLogger();
    let backend: TestBackend;

    before(async () => {
      backend = await TestBackend.start({
        features: [FrontPlugin, BackPlugin],
        overrides: [override(RootLoggerService).withValue(logger)],
        config: { backend: { listen: { host: '127.0.0.1', port: 0 } }, discovery: { inMemory } },
      });
    });
    after(() => backend.stop());

    const told = async (path: string, headers: Record<string, string>) => {
      const { body, status } = await backend.request.get(path, { headers });
      expect(status, JSON.stringify(body)).to.equal(200);
      const { hops, timeout, type } = body as Record<'hops' | 'timeout' | 'type', string>;
      return { hops, isHurried: Number(timeout) <= 5_000, type };
    };

    it('goes on with everything where a service says it', async () => {
      const onBehalf = { authorization: mockCredentials.service.header({ onBehalfOf: mockCredentials.user() }) };

      const own = await told('/api/front/as-myself', { ...said, ...service });
      const theirs = await told('/api/front/as-caller', { ...said, ...onBehalf });

      expect(own).to.deep.equal({ hops: '11', isHurried: true, type: 'service' });
      expect(theirs).to.deep.equal({ hops: '11', isHurried: true, type: 'user' });
    });

    it('says nothing of what the plugin calls in its own name, where nobody or a user says it', async () => {
      const nobody = await told('/api/front/as-myself', said);
      const someone = await told('/api/front/as-myself', { ...said, ...user });

      expect(nobody).to.deep.equal({ hops: '1', isHurried: false, type: 'service' });
      expect(someone).to.deep.equal({ hops: '1', isHurried: false, type: 'service' });
    });

    it('is not what the plugin vouches for when it calls for a user', async () => {
      const someone = await told('/api/front/as-caller', { ...said, ...user });

      expect(someone).to.deep.equal({ hops: '1', isHurried: false, type: 'user' });
    });

    it('goes on where nobody calls on behalf of nobody, so that circles end without a token', async () => {
      const nobody = await told('/api/front/as-caller', said);
      const circle = await backend.request.get('/api/front/circle');

      expect(nobody).to.deep.equal({ hops: '11', isHurried: true, type: 'none' });
      expect(circle.status).to.equal(508);
    });

    it('ends circles of calls for a user', async () => {
      const { status, body } = await backend.request.get('/api/front/circle', { headers: user });

      expect(status).to.equal(508);
      expect(body).to.have.nested.property('error.code', 'loop_detected');
    });

    for (const [who, headers] of [
      ['nobody', {}],
      ['a user', user],
      ['a service', service],
    ] as const) {
      it(`is no error of the backend where ${who} waits for no time at all`, async () => {
        logger.entries.length = 0;

        for (const timeout of ['0', '1', '10', '30']) {
          const { status } = await backend.request.get('/api/front/slowly', {
            headers: { ...headers, 'x-backplane-timeout': timeout },
          });
          expect(status).to.equal(504);
        }
        await new Promise(resolve => setTimeout(resolve, 100));

        expect(logger.entries.filter(({ level }) => level === 'error' || level === 'warn')).to.deep.equal([]);
      });
    }
  });
}
