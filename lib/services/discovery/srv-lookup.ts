import { promises as dns, type SrvRecord } from 'node:dns';

/** How long an answer is used, in ms: long enough for a burst of calls, short enough to notice what moves. */
const lifetime = 1_000;

interface Answer {
  readonly records: Promise<readonly SrvRecord[]>;
  readonly until: number;
}

/** Picks hosts by DNS SRV records: of the lowest priority, at random by weight. */
export class SrvLookup {
  readonly #resolve: (name: string) => Promise<readonly SrvRecord[]>;
  readonly #answers = new Map<string, Answer>();

  constructor(resolve: (name: string) => Promise<readonly SrvRecord[]> = name => dns.resolveSrv(name)) {
    this.#resolve = resolve;
  }

  /** Rejects where there are no records. */
  async pick(name: string): Promise<{ readonly name: string; readonly port: number }> {
    const records = await this.#records(name);
    const best = Math.min(...records.map(({ priority }) => priority));
    const record = byWeight(records.filter(({ priority }) => priority === best));
    if (!record) throw new Error(`'${name}' has no SRV records`);
    return { name: record.name.replace(/\.$/, ''), port: record.port };
  }

  #records(name: string): Promise<readonly SrvRecord[]> {
    const now = performance.now();
    const known = this.#answers.get(name);
    if (known && known.until > now) return known.records;
    const records = this.#resolve(name);
    this.#answers.set(name, { records, until: now + lifetime });
    records.catch(() => this.#answers.delete(name));
    return records;
  }
}

function byWeight(records: readonly SrvRecord[]): SrvRecord | undefined {
  // A record of weight 0 is to be picked now and then, too.
  const shares = records.map(({ weight }) => Math.max(weight, 0.1));
  let left = Math.random() * shares.reduce((sum, share) => sum + share, 0);
  return records.find((_, index) => (left -= shares[index]!) < 0) ?? records.at(-1);
}
