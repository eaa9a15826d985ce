import { expect } from 'chai';
import { SrvLookup } from '../../../lib/services/discovery/srv-lookup.js';
import { addressIn, parseTarget, withHost, type Target } from '../../../lib/services/discovery/target.js';
import { rejection } from '../../wire/client/wire-fixture.js';

const record = (name: string, priority: number, weight: number) => ({ name, port: 8_080, priority, weight });

describe('A look-up of SRV records', () => {
  it('picks among those of the lowest priority, by weight', async () => {
    const lookup = new SrvLookup(() =>
      Promise.resolve([record('spare', 20, 100), record('strong', 10, 90), record('weak', 10, 10)]),
    );
    const picked = new Map<string, number>();

    for (let i = 0; i < 2_000; i++) {
      const { name } = await lookup.pick('search');
      picked.set(name, (picked.get(name) ?? 0) + 1);
    }

    expect([...picked.keys()]).to.have.members(['strong', 'weak']);
    expect(picked.get('weak')).to.be.within(100, 320);
  });

  it('asks once a second, for all who ask meanwhile', async () => {
    let asked = 0;
    const lookup = new SrvLookup(() => {
      asked++;
      return Promise.resolve([record('one', 1, 0)]);
    });

    await Promise.all([lookup.pick('a'), lookup.pick('a'), lookup.pick('b')]);
    expect(asked).to.equal(2);
    await new Promise(resolve => setTimeout(resolve, 1_050));
    await lookup.pick('a');
    expect(asked).to.equal(3);
  });

  it('asks again after a failure, and does not find what has no records', async () => {
    let fails = true;
    const lookup = new SrvLookup(() => (fails ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve([])));

    expect(await rejection(lookup.pick('a'))).to.have.property('message', 'ENOTFOUND');
    fails = false;
    expect(await rejection(lookup.pick('a'))).to.have.property('message', `'a' has no SRV records`);
  });

  it('gives an address its host and port', () => {
    const target = parseTarget('https+srv://_{{pluginId}}._tcp.example/api/{{pluginId}}/', 'internal') as Target;

    expect(target.isSrv).to.equal(true);
    const address = addressIn(target, 'search');
    expect(address).to.equal('https://_search._tcp.example/api/search');
    expect(withHost(address, { name: 'node1.example', port: 7_007 })).to.equal('https://node1.example:7007/api/search');
  });
});
