import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./flooding-program.js', import.meta.url));

/** Starts the program that logs as much as it is told to. */
function start(...args: string[]) {
  return spawn(process.execPath, ['--import', 'reflect-metadata', program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

describe('the log on standard output', () => {
  it('stays within bounds and says what was dropped when the pipe is read late', async () => {
    const child = start('100');
    child.stdout.pause();
    let reports = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (reports += text));
    while (!reports.includes('\n')) await once(child.stderr, 'data');

    let text = '';
    child.stdout
      .setEncoding('utf8')
      .on('data', (chunk: string) => (text += chunk))
      .resume();
    child.stdin.end();
    const [code] = (await once(child, 'close')) as [number];

    const { growth } = JSON.parse(reports) as { growth: number };
    expect(code).to.equal(0);
    expect(growth).to.be.below(100);
    const lines = text.trimEnd().split('\n');
    const notice = lines
      .map(line => JSON.parse(line) as { message: string; dropped?: number })
      .find(line => line.dropped);
    expect(notice?.message).to.match(/^\d+ lines dropped/);
    expect(lines.length - 1 + notice!.dropped!).to.equal(100 * 1024);
  });

  it('does not end the process when its reader is gone', async () => {
    const child = start('1');
    child.stdout.destroy();
    let reports = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (reports += text));

    child.stdin.end();
    const [code] = (await once(child, 'close')) as [number];

    expect(code).to.equal(0);
    expect(reports).to.contain('"growth"');
  });
});
