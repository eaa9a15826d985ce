import type { Container, ServiceIdentifier } from 'inversify';
import type { Key } from '../plan/unit.js';
import type { Held } from './construct.js';

/** Where a scope keeps what it has made. A `Map` will do where nobody else could get at it. */
export interface Instances {
  has(key: Key): boolean;
  /** What is kept under `key`, which must be there. */
  get(key: Key): unknown;
  set(key: Key, instance: unknown): unknown;
}

/** Instances that are bound in an inversify container. */
export class BoundInstances implements Instances {
  readonly #container: Container;

  constructor(container: Container) {
    this.#container = container;
  }

  has(key: Key): boolean {
    return this.#container.isCurrentBound(identifierOf(key));
  }

  /** Throws what inversify throws where the container has none. */
  get(key: Key): unknown {
    return this.#container.get(identifierOf(key)).value;
  }

  set(key: Key, instance: unknown): void {
    this.#container.bind(identifierOf(key)).toConstantValue({ value: instance });
  }
}

function identifierOf(key: Key): ServiceIdentifier<Held> {
  return key as ServiceIdentifier<Held>;
}
