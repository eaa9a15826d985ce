import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lease } from '../../../lib/services/events/lease.js';
import { until } from '../../faults/harness/until.js';

/** Holds the event loop up, as a process that is stopped. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('A lease', () => {
  it('is lost once its time is over, counted from when it was asked for', async () => {
    const late = new Lease(60_000, performance.now() - 60_001);
    const lease = new Lease(60_000, performance.now());

    expect([late.isOver, late.lost.aborted]).to.deep.equal([true, true]);
    expect([lease.isOver, lease.lost.aborted]).to.deep.equal([false, false]);
    lease.release();
  });

  it('goes on from when it was asked for again', async () => {
    const begin = performance.now();
    const lease = new Lease(20, begin);

    lease.renew(begin + 60_000);
    await sleep(60);

    expect([lease.isOver, lease.lost.aborted]).to.deep.equal([false, false]);
    lease.release();
  });

  it('is over at once after the process was stopped, and its signal aborts as soon as the loop turns', async () => {
    const lease = new Lease(20, performance.now());

    block(40);
    const isOver = [lease.isOver, lease.lost.aborted];
    await until('the signal', () => lease.lost.aborted);

    expect(isOver).to.deep.equal([true, false]);
  });

  it('stays lost, whatever it is told later', () => {
    const lease = new Lease(60_000, performance.now());

    lease.lose();
    lease.renew(performance.now() + 60_000);

    expect([lease.isOver, lease.lost.aborted]).to.deep.equal([true, true]);
  });

  it('aborts nothing once nobody needs it', async () => {
    const lease = new Lease(10, performance.now());

    lease.release();
    await sleep(40);

    expect(lease.lost.aborted).to.equal(false);
  });
});
