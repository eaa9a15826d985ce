import type { Config } from './config-service.js';

/** `config`, which notes in `asked` each key that it is asked for, those of its sections included. */
export function askedConfig<T extends Config>(config: T, asked: Set<string>, prefix = ''): T {
  return new Proxy(config, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== 'function') return value;
      return (path?: string, ...rest: unknown[]): unknown => {
        if (path === undefined || typeof name !== 'string' || !/^(?:get|has)/.test(name)) {
          return (value as (...args: unknown[]) => unknown).call(target, path, ...rest);
        }
        const key = prefix === '' ? path : `${prefix}.${path}`;
        // Noted first: what is wrong is known all the same.
        asked.add(key);
        const found = (value as (...args: unknown[]) => unknown).call(target, path, ...rest);
        if (!/Config(?:Array)?$/.test(name) || !found) return found;
        if (!Array.isArray(found)) return askedConfig(found as Config, asked, key);
        return found.map((section: Config, index) => askedConfig(section, asked, `${key}[${index}]`));
      };
    },
  });
}
