import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atOnce } from './harness/at-once.js';
import { runBackend } from './harness/child-backend.js';
import { importCost } from './harness/import-cost.js';

describe('A start that cannot be', () => {
  const cases = [
    { fixture: 'bad-id', code: 'INVALID_ID', says: "'../x'", place: 'spec/faults/fixtures/bad-id.ts:4:2' },
    { fixture: 'not-a-feature', code: 'NOT_A_FEATURE', says: 'class Undecorated', place: 'in features[0]' },
    { fixture: 'not-a-feature', code: 'NOT_A_FEATURE', says: 'a string', place: 'in features[1]' },
    {
      fixture: 'not-awaited',
      code: 'PLUGIN_INIT_FAILED',
      says: 'the table is missing',
      place: 'spec/faults/fixtures/not-awaited.ts:4:2',
    },
  ];
  for (const { fixture, code, says, place } of cases) {
    it(`R50: ends with 1, code, place and fix (${fixture}: ${says})`, async () => {
      const child = await runBackend(fixture);

      expect(child.code).to.equal(1);
      expect(child.duration).to.be.below(atOnce + (await importCost()));
      expect(child.stderr).to.include(`[${code}]`).and.to.include(says).and.to.include(place).and.to.include('fix: ');
    });
  }

  it('R50: ends with 1, file, line and fix where the configuration cannot be read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'backplane-'));
    try {
      const file = join(folder, 'app-config.yaml');
      writeFileSync(file, 'backend:\n  listen:\n    port: 7007\n   host: x\n');

      const child = await runBackend('config-file', { env: { FIXTURE_CONFIG: file } });

      expect(child.code).to.equal(1);
      expect(child.stderr).to.include('[CONFIG_FILE]').and.to.include(`${file}:4:1`).and.to.include('fix: ');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('R5: ends with 1 where features wait for each other and nothing else is going on', async () => {
    const child = await runBackend('cyclic-feature', { backend: { startup: { importTimeout: 500 } } });

    expect(child.code).to.equal(1);
    expect(child.stderr).to.include('[IMPORT_TIMEOUT]');
  });

  it('ends with 1, and with nothing around what it says, where the options are wrong', async () => {
    const child = await runBackend('bad-option');

    expect(child.code).to.equal(1);
    expect(child.stderr).to.match(
      /^The backend did not start:?.*\[INVALID_OPTION\] The option 'feature'.*fix: did you mean 'features'\?.*$/s,
    );
    expect(child.stderr).not.to.include('    at ');
  });

  it('tells an error that nobody caught before there is a log', async () => {
    const child = await runBackend('stray-before-log');

    expect(child.code).to.equal(70);
    expect(child.stderr).to.include('thrown while features load');
  });
});
