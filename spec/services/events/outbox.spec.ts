import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outboxOn } from './outbox-suite.js';

outboxOn('SQLite in memory', async () => ({ config: {}, [Symbol.asyncDispose]: async () => {} }));
outboxOn('SQLite in files', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'backplane-'));
  return {
    config: { connection: { directory } },
    [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true }),
  };
});
