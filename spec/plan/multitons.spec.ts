import { expect } from 'chai';
import { createServiceRef, Inject, InjectAll, Plugin, Service } from '../../decorators/index.js';
import { override } from '../../lib/testing/override.js';
import { codesIn, providersOf } from './plan-problems.js';

const probesRef = createServiceRef<object>({ id: 'acme.probe', multiton: true, default: () => DefaultProbe });

@Service({ implements: probesRef })
class DefaultProbe {}

@Service({ implements: probesRef })
class One {}

@Service({ implements: probesRef })
class Two {}

@Plugin({ pluginId: 'all' })
class All {
  constructor(@InjectAll(probesRef) readonly probes: object[]) {}
}

@Plugin({ pluginId: 'one' })
class OnlyOne {
  constructor(@Inject(probesRef) readonly probe: object) {}
}

describe('A multiton', () => {
  it('keeps every implementation, in order', async () => {
    expect(await providersOf('acme.probe', [All, One, Two])).to.deep.equal(['class One', 'class Two']);
  });

  it('has its default where it has nothing else', async () => {
    expect(await providersOf('acme.probe', [All])).to.deep.equal(['class DefaultProbe']);
  });

  it('may have none', async () => {
    const none = createServiceRef<object>({ id: 'acme.none', multiton: true });
    class Needs {}
    (InjectAll(none) as ParameterDecorator)(Needs, undefined, 0);
    Plugin({ pluginId: 'needs' })(Needs);

    expect(await codesIn([Needs])).to.deep.equal([]);
  });

  it('is what a test makes of it', async () => {
    expect(await codesIn([All, One], { overrides: [override(probesRef).withValue({})] })).to.deep.equal([]);
  });

  it('is injected as one nowhere, not even by create()', async () => {
    @Service({ implements: createServiceRef<object>({ id: 'acme.created' }), create: [probesRef] })
    class Created {
      static create(): Created {
        return new Created();
      }
    }

    expect(await codesIn([OnlyOne])).to.deep.equal(['MULTITON_MISMATCH']);
    expect(await codesIn([Created])).to.deep.equal(['MULTITON_MISMATCH']);
  });
});
