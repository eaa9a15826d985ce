import { expect } from 'chai';
import { Flights } from '../../../lib/services/cache/flights.js';
import { sleep } from './cache-suite.js';

describe('Flights', () => {
  it('are not waited for by those who come when they have taken too long, nor kept', async () => {
    const flights = new Flights(30);
    let land = (_text: string) => {};
    const landed: boolean[] = [];
    const slow = flights.start('key', async flight => {
      const text = await new Promise<string>(resolve => (land = resolve));
      landed.push(flight.isOutdated);
      return text;
    });
    const early = flights.find('key');
    await sleep(50);
    const late = flights.find('key');
    const next = flights.start('key', async () => 'next');
    land('slow');

    expect([early, late]).to.deep.equal([slow, undefined]);
    expect([await slow, await next, landed]).to.deep.equal(['slow', 'next', [true]]);
    expect(flights.find('key')).to.equal(undefined);
  });
});
