import { expect } from 'chai';
import { FeatureLoader, Plugin } from '../../decorators/index.js';
import { roleOf } from './role-of.js';

@Plugin({ pluginId: 'hello' })
class HelloPlugin {}

describe('the types of @FeatureLoader', () => {
  it('is checked by the compiler, and what compiles is recorded', () => {
    @FeatureLoader()
    class Direct {
      load(): unknown {
        return HelloPlugin;
      }
    }

    @FeatureLoader()
    class Later {
      async load(): Promise<unknown[]> {
        return [HelloPlugin];
      }
    }

    @FeatureLoader()
    class OneByOne {
      *load(): Generator {
        yield HelloPlugin;
      }
    }

    expect([Direct, Later, OneByOne].map(roleOf)).to.deep.equal(Array(3).fill('feature-loader'));
  });

  it('refuse a class without a load() the framework could call', () => {
    // @ts-expect-error -- there is no load()
    @FeatureLoader()
    class Idle {}

    // @ts-expect-error -- the framework calls load() without arguments
    @FeatureLoader()
    class Wanting {
      load(folder: string): string {
        return folder;
      }
    }

    // @ts-expect-error -- nobody can construct it
    @FeatureLoader()
    abstract class Unfinished {
      abstract load(): unknown;
    }

    expect([Idle, Wanting, Unfinished].map(roleOf)).to.deep.equal(Array(3).fill('feature-loader'));
  });
});
