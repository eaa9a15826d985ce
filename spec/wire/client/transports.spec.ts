import { expect } from 'chai';
import fc from 'fast-check';
import type { WireService } from '../../../lib/api/wire-service.js';
import { isRemoteError, type RemoteError } from '../../../lib/contract/index.js';
import { mirrorApi, own, rejection, startPair } from './wire-fixture.js';

type Pair = Awaited<ReturnType<typeof startPair>>;

for (const [transport, inMemory] of [
  ['in memory', true],
  ['over HTTP', false],
] as const) {
  describe(`A call ${transport}`, () => {
    let pair: Pair;
    let wire: WireService;

    before(async () => {
      pair = await startPair(inMemory, { wire: { maxResponseSize: 2_000 } });
      ({ wire } = pair);
    });
    after(() => pair[Symbol.asyncDispose]());

    it('reaches the other plugin as itself, and brings back what it answers', async () => {
      const answer = await wire.call(mirrorApi.greet, { params: { name: 'a/b' } }, own);

      expect(answer).to.include({ name: 'a/b', by: 'service' });
    });

    it('tells the callee how far it has come and how long it is waited for', async () => {
      const answer = await wire.call(mirrorApi.greet, { params: { name: 'a' } }, { ...own, timeout: 5_000 });

      const { headers } = answer as { headers: Record<string, string> };
      expect(headers['x-backplane-hops']).to.equal('1');
      expect(Number(headers['x-backplane-timeout'])).to.be.within(4_000, 5_000);
    });

    it('comes from an address of this machine', async () => {
      const answer = await wire.call(mirrorApi.greet, { params: { name: 'a' } }, own);

      expect((answer as { address: string }).address).to.equal('127.0.0.1');
    });

    it('brings back undefined where nothing is answered', async () => {
      expect(await wire.call(mirrorApi.nothing, {}, own)).to.equal(undefined);
    });

    it('rejects where the other plugin does not know what is asked', async () => {
      const error = await rejection(wire.call(mirrorApi.unknown, {}, own));

      expect(error).to.include({ status: 404, code: 'not_found' });
    });

    it('rejects with what the other plugin tells of its error, and nothing more', async () => {
      const error = await rejection(wire.call(mirrorApi.fail, {}, own));

      expect(isRemoteError(error, mirrorApi.fail)).to.equal(true);
      expect(error).to.include({ status: 500, code: 'internal_server_error', message: 'Internal Server Error' });
      expect((error as RemoteError).requestId).to.be.a('string');
      expect(JSON.stringify({ ...(error as object) })).not.to.match(/database|secret/);
      expect((error as Error).cause).to.equal(undefined);
    });

    it('is refused by the gate of the other plugin', async () => {
      const error = await rejection(wire.call(mirrorApi.onlyUsers, {}, own));

      expect(error).to.include({ status: 403 });
    });

    it('reads no more of an answer than it may', async () => {
      const error = await rejection(wire.call(mirrorApi.huge, {}, own));

      expect(error).to.include({ status: 200, code: 'INVALID_ANSWER' });
      expect((error as Error).message).to.match(/more than 2000 bytes/);
    });

    it('does not take half an answer for a whole one', async () => {
      const error = await rejection(wire.call(mirrorApi.cutOff, {}, own));

      expect(error).to.include({ status: 503, code: 'plugin_unreachable' });
    });

    it('ends at its deadline, and the callee knows', async () => {
      const begin = Date.now();

      const error = await rejection(wire.call(mirrorApi.hang, {}, { ...own, timeout: 300 }));

      expect(error).to.include({ status: 504, code: 'deadline_exceeded' });
      expect(Date.now() - begin).to.be.below(2_000);
      await aborted(pair.hanging.at(-1)!);
    });

    it('is not sent after its deadline', async () => {
      const before = pair.hanging.length;

      const error = await rejection(wire.call(mirrorApi.hang, {}, { ...own, timeout: 0 }));

      expect(error).to.include({ status: 504, code: 'deadline_exceeded' });
      expect(pair.hanging).to.have.lengthOf(before);
    });

    it('ends when its caller gives it up, and the callee knows', async () => {
      const before = pair.hanging.length;
      const controller = new AbortController();
      const call = rejection(wire.call(mirrorApi.hang, {}, { ...own, signal: controller.signal }));
      while (pair.hanging.length === before) await new Promise(resolve => setTimeout(resolve, 5));

      controller.abort();

      expect(await call).to.equal(controller.signal.reason);
      await aborted(pair.hanging.at(-1)!);
    });

    it('is not sent where its caller has given it up before', async () => {
      const before = pair.hanging.length;

      const error = await rejection(wire.call(mirrorApi.hang, {}, { ...own, signal: AbortSignal.abort() }));

      expect(error).to.have.property('name', 'AbortError');
      expect(pair.hanging).to.have.lengthOf(before);
    });

    it('that was given up does not mind being answered', async () => {
      await rejection(wire.call(mirrorApi.late, {}, { ...own, timeout: 50 }));
      while (pair.mirror.late === 0) await new Promise(resolve => setTimeout(resolve, 10));

      expect(await wire.call(mirrorApi.nothing, {}, own)).to.equal(undefined);
    });

    it('finds nobody where nobody says who runs the plugin', async () => {
      const error = await rejection(wire.fetch('plugin://miror/', { call: own }));

      expect(error).to.include({ code: 'UNKNOWN_ADDRESS' });
      expect((error as Error).message).to.match(/'miror'.*discovery\.endpoints[^]*did you mean 'mirror'/);
    });
  });
}

describe('Both ways to call', () => {
  it('carry any JSON alike, and what the other plugin is given is a copy', async function () {
    this.timeout(60_000);
    await using memory = await startPair(true);
    await using http = await startPair(false);

    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async value => {
        const [one, other] = await Promise.all(
          [memory, http].map(({ wire }) => wire.call(mirrorApi.reflect, { body: { value } }, own)),
        );

        expect(one).to.deep.equal(other);
        expect(one).to.deep.equal({ value: JSON.parse(JSON.stringify(value)) as unknown });
        if (typeof value === 'object' && value !== null) expect((one as { value: unknown }).value).not.to.equal(value);
      }),
      { numRuns: 200 },
    );
  });
});

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise(resolve => signal.addEventListener('abort', resolve));
}
