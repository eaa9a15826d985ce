import { expect } from 'chai';
import { InjectAll, Plugin, Service } from '../../lib/index.js';
import { TestBackend, override } from '../../lib/testing/index.js';
import { startupProblems } from '../startup-problems.js';

@Service({ id: 'acme.rule', scope: 'plugin', multiton: true })
abstract class Rule {
  abstract readonly name: string;
}

@Service({ id: 'acme.root-rule', scope: 'root', multiton: true })
abstract class RootRule {
  abstract readonly name: string;
}

@Service({ implements: Rule })
class First extends Rule {
  readonly name = 'first';
}

@Service({ implements: Rule })
class Second extends Rule {
  readonly name = 'second';
}

@Service({ implements: Rule, plugins: ['a'] })
class OnlyA extends Rule {
  readonly name = 'only a';
}

@Service({ implements: RootRule })
class FirstRoot extends RootRule {
  readonly name = 'first';
}

@Service({ implements: RootRule })
class SecondRoot extends RootRule {
  readonly name = 'second';
}

@Plugin({ pluginId: 'a' })
class PluginA {
  constructor(
    @InjectAll(Rule) readonly rules: Rule[],
    @InjectAll(RootRule) readonly rootRules: RootRule[],
  ) {}
}

@Plugin({ pluginId: 'b' })
class PluginB {
  constructor(
    @InjectAll(Rule) readonly rules: Rule[],
    @InjectAll(RootRule) readonly rootRules: RootRule[],
  ) {}
}

function names(rules: readonly { readonly name: string }[]): string[] {
  return rules.map(rule => rule.name);
}

describe('A multiton service', () => {
  it('is injected as an array of all implementations, in the order of features', async () => {
    await using backend = await TestBackend.start({ features: [PluginA, Second, First, SecondRoot, FirstRoot] });
    const { rules, rootRules } = backend.get(PluginA, { pluginId: 'a' });

    expect(names(rules)).to.deep.equal(['second', 'first']);
    expect(names(rootRules)).to.deep.equal(['second', 'first']);
  });

  it('is an empty array where nothing implements it', async () => {
    await using backend = await TestBackend.start({ features: [PluginA] });

    expect(backend.get(PluginA, { pluginId: 'a' }).rules).to.deep.equal([]);
    expect(backend.get(PluginA, { pluginId: 'a' }).rootRules).to.deep.equal([]);
  });

  it('has in each plugin the implementations that are meant for it', async () => {
    await using backend = await TestBackend.start({ features: [PluginA, PluginB, First, OnlyA] });

    expect(names(backend.get(PluginA, { pluginId: 'a' }).rules)).to.deep.equal(['first', 'only a']);
    expect(names(backend.get(PluginB, { pluginId: 'b' }).rules)).to.deep.equal(['first']);
  });

  it('of plugin scope has other instances in each plugin', async () => {
    await using backend = await TestBackend.start({ features: [PluginA, PluginB, First] });

    expect(backend.get(PluginA, { pluginId: 'a' }).rules[0]).to.not.equal(
      backend.get(PluginB, { pluginId: 'b' }).rules[0],
    );
  });

  it('is given as an array that cannot be changed', async () => {
    await using backend = await TestBackend.start({ features: [PluginA, First, FirstRoot] });
    const { rules, rootRules } = backend.get(PluginA, { pluginId: 'a' });

    expect(() => rules.push(new Second())).to.throw(TypeError);
    expect(() => rootRules.push(new SecondRoot())).to.throw(TypeError);
  });

  it('is replaced as a whole by an override, whose values are given as they are', async () => {
    const rule = { name: 'test' };
    const rootRule = { name: 'root test' };
    const overrides = [override(Rule).withValue(rule), override(RootRule).withValue(rootRule)];
    await using backend = await TestBackend.start({ features: [PluginA, First, FirstRoot], overrides });
    const { rules, rootRules } = backend.get(PluginA, { pluginId: 'a' });

    expect(rules).to.have.length(1);
    expect(rules[0]).to.equal(rule);
    expect(rootRules).to.have.length(1);
    expect(rootRules[0]).to.equal(rootRule);
  });

  it('has as many members as a test says', async () => {
    const overrides = [override(Rule).withClass(Second), override(Rule).withValue({ name: 'third' })];
    await using backend = await TestBackend.start({ features: [PluginA, First], overrides });

    expect(names(backend.get(PluginA, { pluginId: 'a' }).rules)).to.deep.equal(['second', 'third']);
  });

  it('cannot be injected as one', async () => {
    @Plugin({ pluginId: 'c' })
    class PluginC {
      constructor(readonly rule: Rule) {}
    }

    const problems = await startupProblems(TestBackend.start({ features: [PluginC, First] }));

    expect(problems.map(problem => problem.code)).to.deep.equal(['MULTITON_MISMATCH']);
  });
});
