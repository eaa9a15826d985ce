import { expect } from 'chai';
import { CronTimes } from '../../../lib/services/scheduler/cron.js';
import { referenceTimes } from './cron-reference.js';

function timesOf(cron: string, timeZone: string, from: string, count: number): string[] {
  const times = new CronTimes(cron, timeZone);
  const found: string[] = [];
  for (let last: number | undefined = Date.parse(from); found.length < count;) {
    last = times.next(last);
    if (last === undefined) break;
    found.push(new Date(last).toISOString());
  }
  return found;
}

const table = [
  ['*/2 * * * * *', 'UTC', '2026-01-01T00:00:00Z'],
  ['*/2 * * * * *', 'UTC', '2026-12-31T23:59:55Z'],
  ['0 * * * * *', 'UTC', '2026-02-28T23:58:30Z'],
  ['15,45 * * * * *', 'Europe/Berlin', '2026-10-25T00:59:00Z'],
  ['* * * * *', 'UTC', '2026-03-29T00:58:00Z'],
  ['*/7 * * * *', 'UTC', '2026-01-01T00:50:00Z'],
  ['*/45 * * * *', 'UTC', '2026-01-01T00:00:00Z'],
  ['5-20/5 * * * *', 'UTC', '2026-01-01T00:00:00Z'],
  ['0 0 29 2 *', 'UTC', '2026-01-01T00:00:00Z'],
  ['30 12 29 2 *', 'Asia/Tokyo', '2027-12-01T00:00:00Z'],
  ['0 0 31 * *', 'UTC', '2026-01-31T00:00:00Z'],
  ['0 12 30,31 * *', 'Europe/Berlin', '2026-01-01T00:00:00Z'],
  ['0 0 13 * 5', 'UTC', '2026-01-01T00:00:00Z'],
  ['0 9 * * 1-5', 'America/New_York', '2026-03-05T00:00:00Z'],
  ['0 9 * * mon,fri', 'Europe/London', '2026-10-20T00:00:00Z'],
  ['0 0 * * 7', 'UTC', '2026-01-01T00:00:00Z'],
  ['0 0 1 1 *', 'UTC', '2026-06-01T00:00:00Z'],
  ['59 23 31 12 *', 'Pacific/Auckland', '2026-06-01T00:00:00Z'],
  ['30 2 * * *', 'Europe/Berlin', '2026-03-27T12:00:00Z'],
  ['30 2 * * *', 'Europe/Berlin', '2026-10-23T12:00:00Z'],
  ['0 2,3 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z'],
  ['0 1-3 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z'],
  ['*/30 * * * *', 'Europe/Berlin', '2026-03-28T23:45:00Z'],
  ['*/30 * * * *', 'Europe/Berlin', '2026-10-24T23:45:00Z'],
  ['*/15 * * * *', 'Europe/Berlin', '2026-10-25T00:50:00Z'],
  ['0 * * * *', 'America/New_York', '2026-11-01T03:30:00Z'],
  ['0 2 * * *', 'America/New_York', '2026-03-07T00:00:00Z'],
  ['30 1 * * *', 'America/New_York', '2026-10-31T00:00:00Z'],
  ['15 2 * * *', 'Australia/Lord_Howe', '2026-10-02T00:00:00Z'],
  ['*/10 * * * *', 'Australia/Lord_Howe', '2026-04-04T14:25:00Z'],
  ['0 * * * *', 'Asia/Kathmandu', '2026-01-01T00:00:00Z'],
  ['0 0 * * *', 'America/Santiago', '2026-09-04T12:00:00Z'],
] as const;

describe('the times of a cron', () => {
  for (const [cron, timeZone, from] of table) {
    it(`are those of the reference: '${cron}' in ${timeZone} from ${from}`, () => {
      const count = cron.includes('29 2') ? 3 : 9;

      const times = timesOf(cron, timeZone, from, count);

      expect(times)
        .to.deep.equal(referenceTimes(cron, timeZone, from, count))
        .and.have.length(count);
    });
  }

  it('come as much later as the clock is set forward, where it skips them', () => {
    expect(timesOf('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).to.deep.equal([
      '2026-03-29T01:30:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('come once where the clock shows them twice', () => {
    expect(timesOf('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).to.deep.equal([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });

  it('leave no hour out where any hour will do', () => {
    expect(timesOf('0 * * * *', 'Europe/Berlin', '2026-10-24T23:30:00Z', 4)).to.deep.equal([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T02:00:00.000Z',
      '2026-10-25T03:00:00.000Z',
    ]);
  });

  it('are none of a day that never comes', () => {
    expect(timesOf('0 0 30 2 *', 'UTC', '2026-01-01T00:00:00Z', 1)).to.deep.equal([]);
  });
});
