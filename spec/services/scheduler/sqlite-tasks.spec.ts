import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { itKeepsTasks } from './scheduler-suite.js';

describe('tasks that instances share in SQLite files', () => {
  itKeepsTasks(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'backplane-'));
    return {
      config: { connection: { directory } },
      [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true }),
    };
  });
});
