import { expect } from 'chai';
import { createServiceRef, Inject, Injectable, Plugin, Service, type Scope } from '../../decorators/index.js';
import type { Class } from '../../decorators/tokens.js';
import { TestBackend } from '../../lib/testing/test-backend.js';
import { problemsIn, planOf } from './plan-problems.js';

const depth = 10_000;

/** How many instances hang on each other. */
function lengthOf(link: unknown): number {
  let length = 0;
  for (let next = link as { next?: unknown } | undefined; next; next = next.next as typeof next) length++;
  return length;
}

function classThatNeeds(token: object | undefined): Class {
  if (!token) return class Last {};
  class Link {
    constructor(readonly next: unknown) {}
  }
  (Inject(token as never) as ParameterDecorator)(Link, undefined, 0);
  return Link;
}

/** Private classes, each of which needs the one before; the last is given back. */
function chainOfClasses(first?: object): Class {
  let link: Class | undefined;
  for (let index = 0; index < depth; index++) {
    link = classThatNeeds(link ?? first);
    Injectable()(link);
  }
  return link!;
}

interface ServiceChain {
  readonly features: readonly Class[];
  readonly last: object;
}

function chainOfServices(scope: Scope, first?: object): ServiceChain {
  const features: Class[] = [];
  let last = first;
  for (let index = 0; index < depth; index++) {
    const implementation = classThatNeeds(last);
    last = createServiceRef<object>({ id: `deep.s${index}`, scope });
    Service({ implements: last as never })(implementation);
    features.push(implementation);
  }
  return { features, last: last! };
}

function pluginThatNeeds(token: object): Class {
  const plugin = classThatNeeds(token);
  Plugin({ pluginId: 'deep' })(plugin);
  return plugin;
}

describe('A chain of 10,000 dependencies', () => {
  const missing = createServiceRef<object>({ id: 'deep.missing', scope: 'plugin' });

  for (const scope of ['root', 'plugin'] as const) {
    it(`starts where it is of ${scope} services`, async () => {
      const { features, last } = chainOfServices(scope);
      const plugin = pluginThatNeeds(last);

      await using backend = await TestBackend.start({ features: [...features, plugin] });

      expect(lengthOf(backend.get(plugin, { pluginId: 'deep' }))).to.be.at.least(depth);
    });
  }

  it('starts where it is of private classes', async () => {
    const plugin = pluginThatNeeds(chainOfClasses());

    await using backend = await TestBackend.start({ features: [plugin] });

    expect(lengthOf(backend.get(plugin, { pluginId: 'deep' }))).to.equal(depth + 1);
  });

  it('is planned in the order of construction', async () => {
    const { features, last } = chainOfServices('plugin');

    const { order } = await planOf([...features, pluginThatNeeds(last)]);

    const services = order.plugins['deep']!.construct.flatMap(title => /deep\.s(\d+)/.exec(title)?.[1] ?? []);
    expect(services.map(Number)).to.deep.equal([...Array(depth).keys()]);
  });

  it('is planned where its services are given to some plugins only', async () => {
    const { features, last } = chainOfServices('plugin', missing);
    class Present {}
    Service({ implements: missing, plugins: ['another'] })(Present);
    class Another {}
    Plugin({ pluginId: 'another' })(Another);

    const [problem] = await problemsIn([...features, Present, Another, pluginThatNeeds(last)]);

    expect(problem!.code).to.equal('MISSING_SERVICE');
    expect(problem!.path.length).to.be.above(depth);
  });

  it('tells the way to what is missing at its end', async () => {
    const problems = await problemsIn([pluginThatNeeds(chainOfClasses(missing))]);

    expect(problems.map(({ code }) => code)).to.deep.equal(['MISSING_SERVICE']);
    expect(problems[0]!.path.length).to.be.above(depth);
  });

  it('that leads back to its beginning is told as a cycle', async () => {
    const first = createServiceRef<object>({ id: 'deep.first', scope: 'root' });
    const { features, last } = chainOfServices('root', first);
    const begin = classThatNeeds(last);
    Service({ implements: first })(begin as never);

    const problems = await problemsIn([begin, ...features]);

    expect(problems.map(({ code }) => code)).to.deep.equal(['DEPENDENCY_CYCLE']);
  });

  it('tells the way to the constructor that throws at its end', async () => {
    class Broken {
      constructor() {
        throw new Error('broken');
      }
    }
    Injectable()(Broken);

    const started = TestBackend.start({ features: [pluginThatNeeds(chainOfClasses(Broken))] });

    const error = await started.then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    expect(error!.message).to.contain('The class Broken could not be constructed');
  });
});

describe('Features in 20,000 lists, one in the other', () => {
  it('are told to lie too deep', async () => {
    let features: unknown[] = [];
    for (let index = 0; index < 20_000; index++) features = [features];

    const problems = await problemsIn(features);

    expect(problems.map(({ code }) => code)).to.deep.equal(['FEATURES_TOO_DEEP']);
  });
});
