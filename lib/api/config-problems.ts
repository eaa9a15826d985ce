import { BackplaneError } from '../errors/backplane-error.js';
import type { Problem } from '../errors/problem.js';
import type { Config, JsonValue } from './config-service.js';

/** As many wrong values as anybody will want to read about at once; it also ends a reader that never gets further. */
const limit = 100;

/**
 * Everything that `read` finds wrong with the configuration, although it throws at the first: it reads again, and what
 * was found is then absent.
 */
export function configProblems(config: Config, read: (config: Config) => unknown): Problem[] {
  const problems: Problem[] = [];
  const state: Reading = { hidden: new Set(), last: '' };
  while (problems.length < limit) {
    try {
      read(new PartialConfig(config, '', state));
      return problems;
    } catch (error) {
      if (!(error instanceof BackplaneError)) throw error;
      // What is missed because it was hidden is not missing.
      if (state.hidden.has(state.last)) return problems;
      problems.push(error.problem);
      state.hidden.add(state.last);
    }
  }
  return problems;
}

interface Reading {
  readonly hidden: Set<string>;
  /** What was asked for last, and so is what an error is about. */
  last: string;
}

/** A configuration in which some keys are absent. */
class PartialConfig implements Config {
  readonly #inner: Config;
  readonly #prefix: string;
  readonly #reading: Reading;

  constructor(inner: Config, prefix: string, reading: Reading) {
    this.#inner = inner;
    this.#prefix = prefix;
    this.#reading = reading;
  }

  has(path: string): boolean {
    return this.#ask(path, () => this.#inner.has(path)) ?? false;
  }

  keys(): string[] {
    return this.#inner.keys();
  }

  get(path?: string): JsonValue {
    return this.#ask(path ?? '', () => this.#inner.get(path)) ?? null;
  }

  getOptional(path?: string): JsonValue | undefined {
    return this.#ask(path ?? '', () => this.#inner.getOptional(path));
  }

  getString(path: string): string {
    return this.#ask(path, () => this.#inner.getString(path)) ?? '';
  }

  getOptionalString(path: string): string | undefined {
    return this.#ask(path, () => this.#inner.getOptionalString(path));
  }

  getNumber(path: string): number {
    return this.#ask(path, () => this.#inner.getNumber(path)) ?? 0;
  }

  getOptionalNumber(path: string): number | undefined {
    return this.#ask(path, () => this.#inner.getOptionalNumber(path));
  }

  getBoolean(path: string): boolean {
    return this.#ask(path, () => this.#inner.getBoolean(path)) ?? false;
  }

  getOptionalBoolean(path: string): boolean | undefined {
    return this.#ask(path, () => this.#inner.getOptionalBoolean(path));
  }

  getStringArray(path: string): string[] {
    return this.#ask(path, () => this.#inner.getStringArray(path)) ?? [];
  }

  getOptionalStringArray(path: string): string[] | undefined {
    return this.#ask(path, () => this.#inner.getOptionalStringArray(path));
  }

  getConfig(path: string): Config {
    return this.#below(this.#ask(path, () => this.#inner.getConfig(path)) ?? this.#inner, path);
  }

  getOptionalConfig(path: string): Config | undefined {
    const section = this.#ask(path, () => this.#inner.getOptionalConfig(path));
    return section && this.#below(section, path);
  }

  getConfigArray(path: string): Config[] {
    return this.getOptionalConfigArray(path) ?? [];
  }

  getOptionalConfigArray(path: string): Config[] | undefined {
    const sections = this.#ask(path, () => this.#inner.getOptionalConfigArray(path));
    return sections?.map((section, index) => this.#below(section, `${path}[${index}]`));
  }

  getDuration(path: string): number {
    return this.#ask(path, () => this.#inner.getDuration(path)) ?? 0;
  }

  getOptionalDuration(path: string): number | undefined {
    return this.#ask(path, () => this.#inner.getOptionalDuration(path));
  }

  placeOf(path: string): string | undefined {
    this.#reading.last = this.#full(path);
    return this.#inner.placeOf(path);
  }

  #ask<T>(path: string, get: () => T): T | undefined {
    const full = this.#full(path);
    this.#reading.last = full;
    return this.#reading.hidden.has(full) ? undefined : get();
  }

  #below(section: Config, path: string): Config {
    return new PartialConfig(section, this.#full(path), this.#reading);
  }

  #full(path: string): string {
    return this.#prefix === '' ? path : `${this.#prefix}.${path}`;
  }
}
