import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { ChildBackend } from './child-backend.js';

/** A secret that must not be seen anywhere. */
export class Canary {
  readonly value = `CANARY_${randomUUID()}`;

  /** Fails where a child, or one of the `texts`, has told it. */
  isNowhereIn(child: ChildBackend, ...texts: readonly string[]): void {
    for (const text of [child.log.text, child.stderr, ...texts]) expect(text).not.to.include(this.value);
  }
}
