import { keepAccount } from '../../api/attribution.js';
import { RootConfigService, type Config, type JsonValue } from '../../api/config-service.js';
import { ConfigError } from '../../errors/config-error.js';
import type { ConfigSchemaSource } from './config-schema-source.js';
import { isSameData, toJson, type ConfigNode, type ConfigObject } from './config-node.js';
import { findNode, joinPath, type Found } from './config-path.js';
import { missingValue, wrongType } from './config-problems.js';
import { shownValue } from './shown-value.js';
import { booleanType, durationType, numberType, objectType, stringType, type ValueType } from './value-types.js';

/** Where views read: the whole configuration, or the part of it that one plugin may see. */
export interface ConfigSource {
  /** As it is now; another object after each change. */
  readonly tree: ConfigObject;
  /** What packages say about their keys. */
  readonly schemas: readonly ConfigSchemaSource[];
  /** Calls `listener` after each change, and `first` ones before all others; gives back how to end that. */
  subscribe(listener: () => unknown, options?: { readonly first?: boolean }): () => void;
  /** Told of a path at which nothing was found; gives the fix where that is because the reader may not see it. */
  explainAbsence?(path: string): string | undefined;
}

/** Reads what is below one path of a source, as it is at the time of reading. */
export class ConfigView extends RootConfigService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #source: ConfigSource;
  readonly #prefix: string;

  constructor(source: ConfigSource, prefix = '') {
    super();
    this.#source = source;
    this.#prefix = prefix;
    if (new.target === ConfigView) Object.freeze(this);
  }

  /** What `view` reads from. */
  static sourceOf(view: ConfigView): ConfigSource {
    return view.#source;
  }

  has(path: string): boolean {
    return this.#find(path).node !== undefined;
  }

  keys(): string[] {
    const { node } = this.#find('');
    return node?.kind === 'object' ? [...node.entries.keys()] : [];
  }

  get(path = ''): JsonValue {
    return toJson(this.#require(path, 'there'));
  }

  getOptional(path = ''): JsonValue | undefined {
    const node = this.#optional(path);
    return node && toJson(node);
  }

  getString(path: string): string {
    return this.#read(path, stringType);
  }

  getOptionalString(path: string): string | undefined {
    return this.#readOptional(path, stringType);
  }

  getNumber(path: string): number {
    return this.#read(path, numberType);
  }

  getOptionalNumber(path: string): number | undefined {
    return this.#readOptional(path, numberType);
  }

  getBoolean(path: string): boolean {
    return this.#read(path, booleanType);
  }

  getOptionalBoolean(path: string): boolean | undefined {
    return this.#readOptional(path, booleanType);
  }

  getDuration(path: string): number {
    return this.#read(path, durationType);
  }

  getOptionalDuration(path: string): number | undefined {
    return this.#readOptional(path, durationType);
  }

  getStringArray(path: string): string[] {
    return this.#list(path, this.#require(path, 'a list of strings'), stringType);
  }

  getOptionalStringArray(path: string): string[] | undefined {
    const node = this.#optional(path);
    return node && this.#list(path, node, stringType);
  }

  getConfig(path: string): Config {
    this.#read(path, objectType);
    return this.#viewOf(path);
  }

  getOptionalConfig(path: string): Config | undefined {
    return this.#readOptional(path, objectType) && this.#viewOf(path);
  }

  getConfigArray(path: string): Config[] {
    const items = this.#list(path, this.#require(path, 'a list of objects'), objectType);
    return items.map((_, index) => this.#viewOf(joinPath(path, index)));
  }

  getOptionalConfigArray(path: string): Config[] | undefined {
    const node = this.#optional(path);
    return node && this.#list(path, node, objectType).map((_, index) => this.#viewOf(joinPath(path, index)));
  }

  placeOf(path: string): string | undefined {
    return this.#find(path).node?.place;
  }

  subscribe(listener: () => void): { unsubscribe(): void } {
    let seen = this.#find('').node;
    const notify = keepAccount(listener);
    const end = this.#source.subscribe(() => {
      const now = this.#find('').node;
      if (isSameData(seen, now)) return;
      seen = now;
      return notify();
    });
    return { unsubscribe: end };
  }

  #find(path: string): Found {
    const found = findNode(this.#source.tree, this.#full(path));
    if (!found.node) this.#source.explainAbsence?.(this.#full(path));
    return found;
  }

  #optional(path: string): ConfigNode | undefined {
    const { node, blockedBy } = this.#find(path);
    if (blockedBy) throw new ConfigError(wrongType(blockedBy.path, blockedBy.node, objectType));
    return node;
  }

  #require(path: string, expected: string): ConfigNode {
    const node = this.#optional(path);
    if (node) return node;
    const full = this.#full(path);
    const fix = this.#source.explainAbsence?.(full);
    throw new ConfigError(missingValue(full, findNode(this.#source.tree, full), expected, fix));
  }

  #read<T>(path: string, type: ValueType<T>): T {
    return this.#convert(path, this.#require(path, type.name), type);
  }

  #readOptional<T>(path: string, type: ValueType<T>): T | undefined {
    const node = this.#optional(path);
    return node && this.#convert(path, node, type);
  }

  #convert<T>(path: string, node: ConfigNode, type: ValueType<T>): T {
    const value = type.read(node);
    if (value !== undefined) return value;
    const key = this.#full(path);
    throw new ConfigError(wrongType(key, node, type, type.isShown ? shownValue(key, node, this.#source) : undefined));
  }

  #list<T>(path: string, node: ConfigNode, type: ValueType<T>): T[] {
    if (node.kind !== 'list') throw new ConfigError(wrongType(this.#full(path), node, { name: 'a list' }));
    return node.items.map((item, index) => this.#convert(joinPath(path, index), item, type));
  }

  #viewOf(path: string): ConfigView {
    return new ConfigView(this.#source, this.#full(path));
  }

  #full(path: string): string {
    return joinPath(this.#prefix, path);
  }
}
