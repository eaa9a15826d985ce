import { expect } from 'chai';
import { Inject } from '../../decorators/inject.js';
import { Plugin } from '../../decorators/plugin.js';
import { BackendStartupError } from '../../lib/errors/backend-startup-error.js';
import { TestBackend } from '../../lib/testing/index.js';

const refuse = (): never => {
  throw new Error('do not look');
};

const oddTokens: readonly (readonly [string, unknown])[] = [
  ['an arrow function', () => {}],
  ['a bound function', Date.now.bind(Date)],
  ['an object without a prototype', Object.create(null)],
  ['a class whose name is a symbol', Object.defineProperty(class {}, 'name', { value: Symbol('name') })],
  ['a class whose name cannot be read', Object.defineProperty(class {}, 'name', { get: refuse })],
];

describe('The plan of a plugin that asks for', () => {
  for (const [title, token] of oddTokens) {
    it(`${title} says that it is no token`, async () => {
      @Plugin({ pluginId: 'asking' })
      class AskingPlugin {
        constructor(@Inject(token as never) readonly asked: unknown) {}
      }

      const error: unknown = await TestBackend.plan({ features: [AskingPlugin] }).catch((e: unknown) => e);

      expect(error).to.be.instanceOf(BackendStartupError);
      expect((error as BackendStartupError).problems.map(({ code }) => code)).to.deep.equal(['UNDECORATED_CLASS']);
    });
  }
});
