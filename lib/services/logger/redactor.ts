import type { RootSecretsService } from '../../api/root-secrets-service.js';
import { hideCredentials } from './credential-patterns.js';
import { SecretFinder } from './secret-finder.js';

/**
 * Hides secrets in what is logged: the values the configuration holds as secret, now or at any time before, and what
 * looks like a credential.
 *
 * It works on values before they become a line, so it sees them without quotes and escapes and never touches the names
 * of the line's own fields. A secret shorter than five characters is not hidden, and neither is one that reaches the
 * log in pieces, in several values.
 */
export class Redactor {
  readonly #known = new Set<string>();
  #finder = new SecretFinder([]);
  #version = 0;

  constructor(secrets: RootSecretsService) {
    // Never unsubscribed: lines are still written, and must be redacted, after the logger was disposed.
    secrets.subscribe(() => this.#learn(secrets.values()));
    this.#learn(secrets.values());
  }

  /** Changes when there is more to hide: what was redacted before has to be redacted again. */
  get version(): number {
    return this.#version;
  }

  /** How far beyond a cut one must look to recognise a secret that the cut goes through. */
  get reach(): number {
    return this.#finder.longest;
  }

  hide(text: string): string {
    return hideCredentials(this.#finder.hide(text, { words: true }));
  }

  /**
   * For names of fields and for values the framework or the operator chose, such as a plugin id: a password that is an
   * ordinary word must not hide those.
   */
  hideInName(text: string): string {
    return this.#finder.hide(text, { words: false });
  }

  #learn(values: readonly string[]): void {
    const before = this.#known.size;
    for (const value of values) this.#known.add(value);
    if (this.#known.size === before) return;
    this.#finder = new SecretFinder(this.#known);
    this.#version++;
  }
}
