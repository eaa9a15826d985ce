import { expect } from 'chai';
import { Plugin } from '../../decorators/plugin.js';
import { Service } from '../../decorators/service.js';
import { BackendStopError } from '../../lib/errors/backend-stop-error.js';
import { Journal, QuietBackend, rejection } from './quiet-backend.js';

describe('The stop of a backend with instances that cannot be looked at', () => {
  for (const where of ['shutdown', 'disposal', 'everything'] as const) {
    it(`ends the rest (${where})`, async () => {
      const journal = new Journal();
      const refuse = (): never => {
        throw new Error('do not look');
      };
      @Plugin({ pluginId: 'a' })
      class A {
        constructor() {
          if (where === 'shutdown') Object.defineProperty(this, 'shutdown', { get: refuse });
          if (where === 'disposal') Object.defineProperty(this, Symbol.asyncDispose, { get: refuse });
          if (where === 'everything') return new Proxy(this, { has: (_, key) => key !== 'init' && refuse() });
        }
      }
      @Plugin({ pluginId: 'b' })
      class B {
        async shutdown(): Promise<void> {
          await new Promise(resolve => setTimeout(resolve, 20));
          journal.note('b');
        }
      }
      @Service({ id: 'acme.root', scope: 'root' })
      class Root {
        [Symbol.dispose](): void {
          journal.note('root');
        }
      }
      const backend = new QuietBackend([A, B, Root]);
      await backend.start();

      const error = await rejection(backend.stop());

      expect(error).to.be.instanceOf(BackendStopError);
      expect(journal.entries).to.deep.equal(['b', 'root']);
    });
  }
});
