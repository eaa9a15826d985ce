import { expect } from 'chai';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Problem } from '../../../lib/errors/problem.js';
import { ConfigReloader } from '../../../lib/services/config/config-reloader.js';
import { ConfigStore } from '../../../lib/services/config/config-store.js';
import { readPlainConfiguration } from '../../../lib/services/config/read-configuration.js';
import { until } from '../../faults/harness/until.js';
import { ConfigFolder } from './config-folder.js';

describe('ConfigReloader', () => {
  it('says and changes nothing after it is disposed, also when it is reading', async () => {
    using folder = new ConfigFolder({ file: 'x' });
    const path = join(folder.path, 'file');
    const warnings: Problem[] = [];
    const problem = { code: 'CONFIG_FILE', message: 'broken', path: [], fix: 'mend it.' };
    const first = { ...readPlainConfiguration({ a: 1 }), files: new Map([[path, 'something else']]) };
    const answers = [{ ...first, problems: [problem] }, readPlainConfiguration({ a: 2 })];

    for (const answer of answers) {
      const store = new ConfigStore(first.tree, [], warning => warnings.push(warning));
      let isReading = false;
      const gate = new EventEmitter();
      const answered = once(gate, 'answer').then(() => ({ ...first, ...answer }));
      const reloader = new ConfigReloader(store, first, () => ((isReading = true), answered));
      await until('it reads', () => isReading);

      reloader[Symbol.dispose]();
      gate.emit('answer');
      await sleep(20);

      expect([warnings, store.tree === first.tree]).to.deep.equal([[], true]);
    }
  });
});
