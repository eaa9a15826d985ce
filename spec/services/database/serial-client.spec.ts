import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { serialClientOf } from '../../../lib/services/database/serial-client.js';

/** Like a client of `pg`, of which it is a defect to be asked while it is at work. */
class StrictClient {
  readonly asked: unknown[] = [];
  #isBusy = false;

  query(...args: unknown[]): unknown {
    if (this.#isBusy) throw new Error('asked while at work');
    this.#isBusy = true;
    this.asked.push(args[0]);
    return this.#answer(args[0]);
  }

  async #answer(sql: unknown): Promise<unknown> {
    await sleep(1);
    this.#isBusy = false;
    if (sql === 'wrong') throw new RangeError('wrong');
    return sql;
  }
}

const SerialClient = serialClientOf(StrictClient) as unknown as new () => StrictClient;

describe('A client of one query at a time', () => {
  it('sends what is asked for at once in the order in which it was, and fails alone', async () => {
    const client = new SerialClient();

    const answers = await Promise.allSettled(['a', { text: 'b' }, 'wrong', 'c'].map(sql => client.query(sql)));

    expect(answers.map(({ status }) => status)).to.deep.equal(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(client.asked).to.deep.equal(['a', { text: 'b' }, 'wrong', 'c']);
  });

  it('is free again after each', async () => {
    const client = new SerialClient();
    await client.query('a');
    await Promise.resolve(client.query('wrong')).catch(() => {});

    expect(await client.query('b')).to.equal('b');
  });

  it('leaves streams and callbacks to the client, which have no promise', async () => {
    const client = new SerialClient();
    void client.query('a');
    const stream = { submit: () => {} };

    expect(() => client.query(stream)).to.throw('asked while at work');
    expect(() => client.query('b', () => {})).to.throw('asked while at work');
    await sleep(5);
  });
});
