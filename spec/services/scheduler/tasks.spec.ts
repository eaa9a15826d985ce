import { expect } from 'chai';
import type { TaskOptions } from '../../../lib/api/scheduler-service.js';
import { startTasks } from './scheduler-fixture.js';

for (const scope of ['global', 'local'] as const) {
  const task = (options: object): TaskOptions => ({ id: 'count', scope, ...options }) as TaskOptions;

  describe(`a ${scope} task`, () => {
    it('runs at once where it runs every so often, and then each time', async () => {
      let runs = 0;
      await using backend = await startTasks([[task({ every: '5m' }), () => void runs++]]);

      expect(runs).to.equal(0);
      await backend.clock.advance('1s');
      expect(runs).to.equal(1);
      await backend.clock.advance('10m');
      expect(runs).to.equal(3);
    });
  });
}
