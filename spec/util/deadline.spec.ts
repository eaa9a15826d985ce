import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeadlineExceeded, withDeadline } from '../../lib/util/deadline.js';
import { rejection } from '../backend/quiet-backend.js';

/** Keeps the event loop from turning, for so many ms. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('A deadline', () => {
  it('is met by work that is done in time', async () => {
    expect(await withDeadline(100, async () => sleep(1, 'done'))).to.equal('done');
  });

  it('passes where the work is not done', async () => {
    const late = await rejection(withDeadline(20, () => new Promise(() => {})));

    expect(late).to.be.instanceOf(DeadlineExceeded).and.to.include({ milliseconds: 20 });
  });

  it('passes when it should, although it is counted piece by piece', async () => {
    const begin = performance.now();
    await rejection(withDeadline(1_000, () => new Promise(() => {})));

    expect(performance.now() - begin).to.be.within(995, 1_100);
  });

  it('does not pass because of a time in which the event loop did not turn', async () => {
    const work = withDeadline(300, async () => {
      await sleep(20);
      return sleep(20, 'done');
    });
    await sleep(1);
    block(600);

    expect(await work).to.equal('done');
  });

  it('does not pass because of several such times', async () => {
    const work = withDeadline(600, async () => {
      for (let turn = 0; turn < 5; turn++) await sleep(40);
      return 'done';
    });
    for (let turn = 0; turn < 3; turn++) {
      await sleep(1);
      block(300);
    }

    expect(await work).to.equal('done');
  });

  it('passes in the end, however often the loop does not turn', async () => {
    const late = rejection(withDeadline(100, () => new Promise(() => {})));
    const blocking = setInterval(() => block(50), 1);

    expect(await late).to.be.instanceOf(DeadlineExceeded);
    clearInterval(blocking);
  });

  it('counts every ms where somebody outside waits, whatever the event loop did', async () => {
    const late = rejection(withDeadline(300, () => sleep(2_000), { onTheClock: true }));
    block(700);
    const begin = performance.now();

    expect(await late).to.be.instanceOf(DeadlineExceeded);
    expect(performance.now() - begin).to.be.below(100);
  });
});
