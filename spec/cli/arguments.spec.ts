import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../lib/cli/index.js', import.meta.url));

async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { NODE_ENV: _, ...env } = process.env;
  const child = spawn(process.execPath, [cli, ...args], { env, timeout: 10_000, cwd: import.meta.dirname });
  const ended = new Promise<number | null>(resolve => child.on('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

describe('The command', () => {
  const refused: [what: string, args: string[], says: string][] = [
    ['an option it does not know', ['plan', '--jsno'], "'--jsno'"],
    [
      'a mode it does not know',
      ['start', '--mode', 'staging'],
      "--mode is one of development, test, production, not 'staging'",
    ],
    ['an option without its value', ['start', '--mode'], "'--mode"],
    ['two folders', ['plan', 'one', 'two'], "'two' is one folder too many"],
    ['a folder that is not there', ['start', 'samples/bakend'], "There is no folder 'samples/bakend'"],
    ['a command it does not know', ['strat'], "there is no command 'strat'"],
    ['no command', [], 'backplane start [folder]'],
  ];
  for (const [what, args, says] of refused) {
    it(`refuses ${what}, on stderr and with 1`, async () => {
      const { code, stdout, stderr } = await run(...args);

      expect(stderr)
        .to.include(says)
        .and.not.match(/^\s+at /m);
      expect([code, stdout]).to.deep.equal([1, '']);
    });
  }

  it('tells what it can do, with 0', async () => {
    const { code, stdout, stderr } = await run('--help');

    expect(stdout).to.include('backplane plan [folder] [--json]');
    expect([code, stderr]).to.deep.equal([0, '']);
  });
});
