import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

interface Lives {
  readonly plugin: { readonly scopes: number; readonly instances: number; readonly grownKiB: number };
  readonly backends: number;
}

describe('What has ended', () => {
  let lives: Lives;

  before(async () => {
    const fixture = join(import.meta.dirname, 'fixtures/restarts.js');
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--expose-gc',
      '--import',
      'reflect-metadata',
      fixture,
    ]);
    lives = JSON.parse(stdout) as Lives;
  });

  it('leaves memory as a plugin that is isolated and started again, whatever it had subscribed to', () => {
    // The last one may still be on a stack.
    expect(lives.plugin.scopes).to.be.at.most(1);
    expect(lives.plugin.instances).to.be.at.most(1);
  });

  it('leaves little heap behind, of the more than 80 KiB that each life of the plugin needs', () => {
    expect(lives.plugin.grownKiB).to.be.below(20);
  });

  it('leaves memory as a backend that is stopped', () => {
    expect(lives.backends).to.be.at.most(1);
  });
});
