import { randomUUID } from 'node:crypto';
import { expect } from 'chai';

/** A secret that must not be seen anywhere. */
export class Canary {
  readonly value = `CANARY_${randomUUID()}`;

  /** Fails where one of the texts tells it. */
  isNowhereIn(...texts: readonly string[]): void {
    for (const text of texts) expect(text).not.to.include(this.value);
  }
}
