import { expect } from 'chai';
import type { SrvRecord } from 'node:dns';
import { Inject, Plugin, Service } from '../../decorators/index.js';
import { DiscoveryService } from '../../lib/api/discovery-service.js';
import { WireService } from '../../lib/api/wire-service.js';
import { SrvLookup } from '../../lib/services/discovery/srv-lookup.js';
import { TestBackend } from '../../lib/testing/index.js';
import { own, rejection } from '../wire/client/wire-fixture.js';

const sound: SrvRecord = { name: 'one.internal', port: 8_080, priority: 1, weight: 1 };

function answering(...records: Partial<SrvRecord>[]): SrvLookup {
  return new SrvLookup(() => Promise.resolve(records.map(record => ({ ...sound, ...record }))));
}

describe('Whoever answers for the name of a plugin', () => {
  for (const name of [
    '',
    '.',
    'evil.example/api/admin?',
    'evil.example#',
    'user:secret@evil.example',
    'evil.example:1',
    'evil.example\\x',
    'evil example',
    'evil\r\nx: y',
    '[::1]',
    '%2e',
    'a'.repeat(64),
    'a.'.repeat(200),
    '..',
    'émile.example',
  ]) {
    it(`cannot say a host as ${JSON.stringify(name.slice(0, 30))}`, async () => {
      const error = await rejection(answering({ name }).pick('search'));

      expect(error).to.have.property('message').that.includes("'search' has no SRV records");
    });
  }

  for (const port of [0, -1, 65_536, 1.5, NaN]) {
    it(`cannot say the port ${port}`, async () => {
      expect(await rejection(answering({ port }).pick('search'))).to.be.an('error');
    });
  }

  it('is believed as far as the rest goes, also where that has a worse priority', async () => {
    const lookup = answering({ name: 'evil.example/x', priority: 0 }, { name: '_a-1.internal.', priority: 5 });

    expect(await lookup.pick('search')).to.deep.equal({ name: '_a-1.internal', port: 8_080 });
  });

  it('does not fill the memory, however many names are looked up', async () => {
    let asked = 0;
    const lookup = new SrvLookup(() => Promise.resolve([sound]).finally(() => asked++));

    for (let n = 0; n < 1_001; n++) await lookup.pick(`plugin-${n}`);
    await lookup.pick('plugin-1000');
    await lookup.pick('plugin-0');

    expect(asked).to.equal(1_002);
  });

  it('cannot keep a call beyond its deadline by not answering', async () => {
    @Service({ implements: DiscoveryService })
    class SilentDiscovery extends DiscoveryService {
      getBaseUrl = () => new Promise<string>(() => {});
      getExternalBaseUrl = () => new Promise<string>(() => {});
      knows = () => true;
      isLocal = () => false;
    }
    @Plugin({ pluginId: 'asking' })
    class AskingPlugin {
      constructor(@Inject(WireService) readonly wire: WireService) {}
    }
    await using backend = await TestBackend.start({ features: [AskingPlugin, SilentDiscovery] });
    const { wire } = backend.get(AskingPlugin, { pluginId: 'asking' });
    const reason = new Error('given up');

    const late = await rejection(wire.fetch('plugin://search/x', { call: { ...own, timeout: 100 } }));
    const aborted = await rejection(
      wire.fetch('plugin://search/x', { call: { ...own, signal: AbortSignal.abort(reason) } }),
    );
    const giving = new AbortController();
    const given = rejection(wire.fetch('plugin://search/x', { call: { ...own, signal: giving.signal } }));
    giving.abort(reason);

    expect(late).to.include({ status: 504, code: 'deadline_exceeded' });
    expect([aborted, await given]).to.deep.equal([reason, reason]);
  });
});
