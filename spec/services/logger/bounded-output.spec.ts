import { expect } from 'chai';
import { BoundedOutput, type OutputStream } from '../../../lib/services/logger/bounded-output.js';

/** A stream nobody reads until it is told so. */
class BlockedStream implements OutputStream {
  readonly waiting: { text: string; done: (error?: Error) => void }[] = [];
  readonly listeners: ((error: Error) => void)[] = [];

  write(text: string, done: (error?: Error) => void): boolean {
    this.waiting.push({ text, done });
    return false;
  }

  on(_event: 'error', listener: (error: Error) => void): void {
    this.listeners.push(listener);
  }

  read(error?: Error): void {
    for (const { done } of this.waiting.splice(0)) done(error);
  }
}

const megabyte = `${'x'.repeat(1024 * 1024 - 1)}\n`;

describe('BoundedOutput', () => {
  it('keeps at most 16 MiB for a stream nobody reads', () => {
    const stream = new BlockedStream();
    const output = new BoundedOutput(stream);

    for (let i = 0; i < 1024; i++) output.write(megabyte);

    expect(stream.waiting).to.have.length(16);
  });

  it('says how many lines it dropped once the stream is read again', () => {
    const stream = new BlockedStream();
    const output = new BoundedOutput(stream);
    const dropped: number[] = [];
    output.onDropped = count => dropped.push(count);

    for (let i = 0; i < 20; i++) output.write(megabyte);
    stream.read();
    output.write('more\n');
    stream.read();

    expect(dropped).to.deep.equal([4]);
  });

  it('flushes when everything was written', async () => {
    const stream = new BlockedStream();
    const output = new BoundedOutput(stream);
    output.write('last\n');

    setImmediate(() => stream.read());
    const start = performance.now();
    await output.flush(5_000);

    expect(performance.now() - start).to.be.below(1_000);
  });

  it('does not flush for longer than told', async () => {
    const output = new BoundedOutput(new BlockedStream());
    output.write('last\n');
    const start = performance.now();

    await output.flush(20);

    expect(performance.now() - start).to.be.within(15, 1_000);
  });

  it('listens to the errors of a stream once, for all loggers that share it', () => {
    const stream = new BlockedStream();

    void new BoundedOutput(stream);
    void new BoundedOutput(stream);

    expect(stream.listeners).to.have.length(1);
  });

  it('gives up on a reader that is gone', () => {
    const stream = new BlockedStream();
    const output = new BoundedOutput(stream);

    output.write('x\n');
    stream.read(Object.assign(new Error('gone'), { code: 'EPIPE' }));
    output.write('y\n');

    expect(stream.waiting).to.have.length(0);
  });

  it('survives a stream that throws, and writes to it again', () => {
    const texts: string[] = [];
    let full = true;
    const output = new BoundedOutput({
      on() {},
      write(text, done) {
        if (full) throw new Error('ENOSPC');
        texts.push(text);
        done();
        return true;
      },
    });

    output.write('lost\n');
    full = false;
    output.write('kept\n');

    expect(texts).to.deep.equal(['kept\n']);
  });
});
