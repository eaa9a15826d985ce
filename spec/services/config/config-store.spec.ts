import { expect } from 'chai';
import type { Problem } from '../../../lib/errors/problem.js';
import type { ConfigObject } from '../../../lib/services/config/config-node.js';
import { ConfigStore } from '../../../lib/services/config/config-store.js';
import { plainConfig } from '../../../lib/services/config/plain-config.js';
import { RootConfig } from '../../../lib/services/config/root-config.js';

describe('ConfigStore', () => {
  it('tells the first subscribers before the others, each in order', () => {
    const store = new ConfigStore(treeOf({ a: 1 }));
    const told: string[] = [];
    for (const name of ['other 1', 'first 1', 'other 2', 'first 2']) {
      store.subscribe(() => told.push(name), name.startsWith('first') ? { first: true } : undefined);
    }

    store.replace(treeOf({ a: 2 }));

    expect(told).to.deep.equal(['first 1', 'first 2', 'other 1', 'other 2']);
  });

  it('tells nobody of a tree with the same data, but reads from it', () => {
    const store = new ConfigStore(treeOf({ a: 1 }));
    const same = treeOf({ a: 1 });
    let told = 0;
    store.subscribe(() => told++);

    store.replace(same);

    expect([told, store.tree === same]).to.deep.equal([0, true]);
  });

  it('does not tell who was unsubscribed by another subscriber', () => {
    const store = new ConfigStore(treeOf({ a: 1 }));
    const ends: (() => void)[] = [];
    let told = 0;
    store.subscribe(() => ends.forEach(end => end()));
    ends.push(store.subscribe(() => told++));
    ends.push(store.subscribe(() => told++));

    store.replace(treeOf({ a: 2 }));

    expect(told).to.equal(0);
  });

  it('tells a function twice that subscribed twice, until it unsubscribed twice', () => {
    const store = new ConfigStore(treeOf({ a: 1 }));
    let told = 0;
    const listener = () => told++;
    const end = store.subscribe(listener);
    store.subscribe(listener);

    store.replace(treeOf({ a: 2 }));
    end();
    store.replace(treeOf({ a: 3 }));

    expect(told).to.equal(3);
  });

  it('reports subscribers that throw or reject, and tells the others', async () => {
    const warnings: Problem[] = [];
    const store = new ConfigStore(treeOf({ a: 1 }), [], warning => warnings.push(warning));
    let told = 0;
    store.subscribe(() => {
      throw new Error('thrown');
    });
    store.subscribe(() => Promise.reject(new Error('rejected')));
    store.subscribe(() => Promise.resolve(told++));

    store.replace(treeOf({ a: 2 }));
    await new Promise(setImmediate);

    expect(told).to.equal(1);
    expect(warnings.map(({ code, cause }) => [code, String(cause)])).to.deep.equal([
      ['CONFIG_SUBSCRIBER_FAILED', 'Error: thrown'],
      ['CONFIG_SUBSCRIBER_FAILED', 'Error: rejected'],
    ]);
  });

  it('tells nobody, first or other, once the configuration is disposed, which stays readable', () => {
    const store = new ConfigStore(treeOf({ a: 1 }));
    const config = new RootConfig(store);
    let told = 0;
    config.subscribe(() => told++);
    store.subscribe(() => told++, { first: true });

    config[Symbol.dispose]();
    store.replace(treeOf({ a: 2 }));

    expect([told, config.getNumber('a')]).to.deep.equal([0, 2]);
  });
});

function treeOf(data: object): ConfigObject {
  return plainConfig(data, 'here', []) as ConfigObject;
}
