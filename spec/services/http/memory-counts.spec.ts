import { expect } from 'chai';
import { MemoryCounts } from '../../../lib/services/http/memory-counts.js';

describe('MemoryCounts', () => {
  it('L9 remember so many clients, however many there are, and whoever has asked last', () => {
    const counts = new MemoryCounts(60_000);
    counts.add('10.0.0.1');
    for (let client = 0; client < 1_000_000; client++) {
      counts.add(`made up ${client}`);
      if (client % 10_000 === 0) counts.add('10.0.0.1');
    }

    expect(counts.clients).to.equal(100_000);
    expect(counts.add('10.0.0.1').requests).to.equal(102);
  });

  it('begin anew when the window is over, and take nothing back from another one', async () => {
    const counts = new MemoryCounts(50);
    const first = counts.add('a');
    await new Promise(resolve => setTimeout(resolve, 60));
    const second = counts.add('a');
    first.takeBack();

    expect([first.requests, second.requests]).to.deep.equal([1, 1]);
    expect(second.left).to.be.within(1, 50);
    expect(counts.add('a').requests).to.equal(2);
  });
});
