import { expect } from 'chai';
import { Module } from '../../decorators/index.js';
import { roleOf } from './role-of.js';

describe('the types of @Module', () => {
  it('is checked by the compiler, and what compiles is recorded', () => {
    @Module({ pluginId: 'hello', moduleId: 'german', after: ['french'], config: ['german'] })
    class HelloModuleGerman {
      async init(): Promise<void> {}
      shutdown(): void {}
    }

    @Module({ pluginId: 'hello', moduleId: 'french' })
    class HelloModuleFrench {
      hello(): string {
        return 'bonjour';
      }
    }

    expect([HelloModuleGerman, HelloModuleFrench].map(roleOf)).to.deep.equal(['module', 'module']);
  });

  it('refuse an init() or shutdown() the framework could not call', () => {
    // @ts-expect-error -- the framework calls init() without arguments
    @Module({ pluginId: 'hello', moduleId: 'wanting' })
    class WantingModule {
      init(name: string): string {
        return name;
      }
    }

    // @ts-expect-error -- the framework calls shutdown() without arguments
    @Module({ pluginId: 'hello', moduleId: 'lingering' })
    class LingeringModule {
      shutdown(reason: string): string {
        return reason;
      }
    }

    expect([WantingModule, LingeringModule].map(roleOf)).to.deep.equal(['module', 'module']);
  });

  it('refuse an abstract class', () => {
    // @ts-expect-error -- nobody can construct it
    @Module({ pluginId: 'hello', moduleId: 'abstract' })
    abstract class AbstractModule {}

    expect(roleOf(AbstractModule)).to.equal('module');
  });

  it('refuse a missing id and an unknown or misspelt option', () => {
    // @ts-expect-error -- a module extends a plugin
    @Module({ moduleId: 'german' })
    class PluginlessModule {}

    // @ts-expect-error -- a module has an id
    @Module({ pluginId: 'hello' })
    class NamelessModule {}

    // @ts-expect-error -- there is no option 'before'
    @Module({ pluginId: 'hello', moduleId: 'early', before: ['german'] })
    class EarlyModule {}

    // @ts-expect-error -- after takes a list
    @Module({ pluginId: 'hello', moduleId: 'late', after: 'german' })
    class LateModule {}

    const roles = [PluginlessModule, NamelessModule, EarlyModule, LateModule].map(roleOf);
    expect(roles).to.deep.equal(Array(4).fill('module'));
  });
});
