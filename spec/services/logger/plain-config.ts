import { RootConfigService, type Config, type JsonObject, type JsonValue } from '../../../lib/api/config-service.js';

/** A configuration that a spec writes down as an object and may replace, which counts as a reload. */
export class PlainConfig extends RootConfigService {
  readonly #listeners = new Set<() => void>();
  #data: JsonObject;
  readonly #prefix: string;

  constructor(data: JsonObject = {}, prefix = '') {
    super();
    this.#data = data;
    this.#prefix = prefix;
  }

  replace(data: JsonObject): void {
    this.#data = data;
    for (const listener of this.#listeners) listener();
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  getOptional(path = ''): JsonValue | undefined {
    let value: JsonValue | undefined = this.#data;
    for (const part of path === '' ? [] : path.split('.')) {
      value = typeof value === 'object' && value !== null && !Array.isArray(value) ? value[part] : undefined;
    }
    return value;
  }

  getOptionalConfigArray(path: string): Config[] | undefined {
    const items = this.getOptional(path) as JsonObject[] | undefined;
    return items?.map((item, index) => new PlainConfig(item, `${this.#prefix}${path}[${index}].`));
  }

  placeOf(path: string): string | undefined {
    return this.getOptional(path) === undefined ? undefined : `app-config.yaml:${this.#prefix}${path}`;
  }

  subscribe(listener: () => void): { unsubscribe(): void } {
    this.#listeners.add(listener);
    return { unsubscribe: () => this.#listeners.delete(listener) };
  }

  has(path: string): boolean {
    return this.getOptional(path) !== undefined;
  }

  keys(): string[] {
    return Object.keys(this.#data);
  }

  get(path?: string): JsonValue {
    return this.#required(this.getOptional(path), path);
  }

  getString(path: string): string {
    return this.#required(this.getOptionalString(path), path);
  }

  getOptionalString(path: string): string | undefined {
    return this.getOptional(path) as string | undefined;
  }

  getNumber(path: string): number {
    return this.#required(this.getOptionalNumber(path), path);
  }

  getOptionalNumber(path: string): number | undefined {
    return this.getOptional(path) as number | undefined;
  }

  getBoolean(path: string): boolean {
    return this.#required(this.getOptionalBoolean(path), path);
  }

  getOptionalBoolean(path: string): boolean | undefined {
    return this.getOptional(path) as boolean | undefined;
  }

  getStringArray(path: string): string[] {
    return this.#required(this.getOptionalStringArray(path), path);
  }

  getOptionalStringArray(path: string): string[] | undefined {
    return this.getOptional(path) as string[] | undefined;
  }

  getConfig(path: string): Config {
    return this.#required(this.getOptionalConfig(path), path);
  }

  getOptionalConfig(path: string): Config | undefined {
    const section = this.getOptional(path) as JsonObject | undefined;
    return section && new PlainConfig(section, `${this.#prefix}${path}.`);
  }

  getConfigArray(path: string): Config[] {
    return this.#required(this.getOptionalConfigArray(path), path);
  }

  getDuration(path: string): number {
    return this.getNumber(path);
  }

  getOptionalDuration(path: string): number | undefined {
    return this.getOptionalNumber(path);
  }

  #required<T>(value: T | undefined, path: string | undefined): T {
    if (value === undefined) throw new Error(`no value at '${path}'`);
    return value;
  }
}
