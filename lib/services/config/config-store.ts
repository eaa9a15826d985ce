import type { Problem } from '../../errors/problem.js';
import { isSameData, type ConfigObject } from './config-node.js';
import type { ConfigSchemaSource } from './config-schema-source.js';
import type { ConfigSource } from './config-view.js';

interface Subscription {
  readonly listener: () => unknown;
}

/** Holds the configuration as it is now, and tells who wants to know when it becomes another. */
export class ConfigStore implements ConfigSource {
  readonly schemas: readonly ConfigSchemaSource[];
  readonly warn: (warning: Problem) => void;
  /** Told before the others: what must know a new secret before anybody can log it. */
  readonly #first = new Set<Subscription>();
  readonly #others = new Set<Subscription>();
  #tree: ConfigObject;

  constructor(
    tree: ConfigObject,
    schemas: readonly ConfigSchemaSource[] = [],
    warn: (warning: Problem) => void = () => {},
  ) {
    this.#tree = tree;
    this.schemas = schemas;
    this.warn = warn;
  }

  get tree(): ConfigObject {
    return this.#tree;
  }

  replace(tree: ConfigObject): void {
    const changed = !isSameData(this.#tree, tree);
    // Values may have moved within their files although none of them changed.
    this.#tree = tree;
    if (!changed) return;
    for (const subscription of [...this.#first, ...this.#others]) {
      if (this.#first.has(subscription) || this.#others.has(subscription)) this.#tell(subscription);
    }
  }

  subscribe(listener: () => unknown, { first = false }: { readonly first?: boolean } = {}): () => void {
    const subscriptions = first ? this.#first : this.#others;
    const subscription = { listener };
    subscriptions.add(subscription);
    return () => subscriptions.delete(subscription);
  }

  endSubscriptions(): void {
    this.#first.clear();
    this.#others.clear();
  }

  #tell({ listener }: Subscription): void {
    try {
      const result = listener();
      if (result instanceof Promise) result.catch((error: unknown) => this.#report(error));
    } catch (error) {
      this.#report(error);
    }
  }

  #report(cause: unknown): void {
    this.warn({
      code: 'CONFIG_SUBSCRIBER_FAILED',
      message: 'A subscriber failed to take over the changed configuration',
      path: [],
      fix: 'catch the error in the function given to subscribe().',
      cause,
    });
  }
}
