import { promises as dns, type SrvRecord } from 'node:dns';

/** How long an answer is used, in ms: long enough for a burst of calls, short enough to notice what moves. */
const lifetime = 1_000;
/** Answers of more names than this are forgotten, the oldest first: with a wildcard anybody can name a new one. */
const mostNames = 1_000;

/** What may stand where a URL has its host, and nothing that would end it. */
const hostName = /^(?!-)[a-z\d_-]{1,63}(?:\.[a-z\d_-]{1,63})*$/i;

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

  /** Rejects where there are no records, or none that name a host and a port. */
  async pick(name: string): Promise<{ readonly name: string; readonly port: number }> {
    // Whoever answers for the name decides on host and port, and on no more of the address.
    const records = (await this.#records(name)).filter(isSound);
    const best = Math.min(...records.map(({ priority }) => priority));
    const record = byWeight(records.filter(({ priority }) => priority === best));
    if (!record) throw new Error(`'${name}' has no SRV records`);
    return { name: withoutRoot(record.name), port: record.port };
  }

  #records(name: string): Promise<readonly SrvRecord[]> {
    const now = performance.now();
    const known = this.#answers.get(name);
    if (known && known.until > now) return known.records;
    const records = this.#resolve(name);
    if (!known && this.#answers.size >= mostNames) this.#answers.delete(this.#answers.keys().next().value!);
    this.#answers.set(name, { records, until: now + lifetime });
    records.catch(() => {
      if (this.#answers.get(name)?.records === records) this.#answers.delete(name);
    });
    return records;
  }
}

/** A name of one dot says that there is no such service. */
function isSound({ name, port }: SrvRecord): boolean {
  return name.length <= 254 && hostName.test(withoutRoot(name)) && Number.isInteger(port) && port > 0 && port < 65_536;
}

function withoutRoot(name: string): string {
  return name.replace(/\.$/, '');
}

function byWeight(records: readonly SrvRecord[]): SrvRecord | undefined {
  // A record of weight 0 is to be picked now and then, too.
  const shares = records.map(({ weight }) => Math.max(weight, 0.1));
  let left = Math.random() * shares.reduce((sum, share) => sum + share, 0);
  return records.find((_, index) => (left -= shares[index]!) < 0) ?? records.at(-1);
}
