import { expect } from 'chai';
import { Flights } from '../../../lib/services/cache/flights.js';
import { failureOf } from './cache-fixture.js';

describe('Flights', () => {
  it('are waited for by nobody else, and not kept, once they have taken too long', async () => {
    const flights = new Flights(30);
    let land = (_text: string) => {};
    const landed: boolean[] = [];
    const slow = flights.start('key', async flight => {
      const text = await new Promise<string>(resolve => (land = resolve));
      landed.push(flight.isOutdated);
      return text;
    });
    const early = await flights.find('key');
    const late = flights.find('key');
    const next = flights.start('key', async () => 'next');
    land('slow');

    expect([early, late]).to.deep.equal([undefined, undefined]);
    expect([await slow, await next, landed]).to.deep.equal(['slow', 'next', [true]]);
    expect(flights.find('key')).to.equal(undefined);
  });

  it('are begun anew by those who wait where whoever began them has been aborted, and fail for all otherwise', async () => {
    const flights = new Flights();
    const failing = (error: Error) => {
      const begun = flights.start('key', () => new Promise((_resolve, reject) => setImmediate(reject, error)));
      return Promise.all([
        failureOf(begun),
        failureOf(flights.find('key')!),
        flights.find('key')!.catch(() => 'failed'),
      ]);
    };
    const aborted = new DOMException('This operation was aborted', 'AbortError');
    const error = new Error('not today');

    expect(await failing(aborted)).to.deep.equal([aborted, undefined, undefined]);
    expect(await failing(error)).to.deep.equal([error, error, 'failed']);
  });
});
