const hidden = new Set<string | symbol>(['constructor', Symbol.dispose, Symbol.asyncDispose]);

/**
 * What others are given of an instance they do not own: its methods and properties, but no way to change or dispose it.
 *
 * The facade is frozen; methods run on the instance itself, so that may keep whatever state it likes. `guard` runs
 * before each call. Functions and primitives are given as they are.
 */
export function facadeOf(target: unknown, guard: () => void = () => {}): unknown {
  if (typeof target !== 'object' || target === null) return target;
  if (Array.isArray(target)) return Object.freeze(target.map(member => facadeOf(member, guard)));
  const facade = Object.create(Object.getPrototypeOf(target) as object | null) as object;
  for (let source: object | null = target; source && source !== Object.prototype; source = Object.getPrototypeOf(source) as object | null) {
    for (const key of [...Object.getOwnPropertyNames(source), ...Object.getOwnPropertySymbols(source)]) {
      if (hidden.has(key) || Object.hasOwn(facade, key)) continue;
      Object.defineProperty(facade, key, delegate(target, key, Object.getOwnPropertyDescriptor(source, key)!, guard));
    }
  }
  return Object.freeze(facade);
}

function delegate(target: object, key: string | symbol, described: PropertyDescriptor, guard: () => void): PropertyDescriptor {
  const { enumerable = false, value } = described as { enumerable?: boolean; value?: unknown };
  const read = () => (target as Record<string | symbol, unknown>)[key];
  if (typeof value !== 'function') return { enumerable, get: read };
  const call = (...args: unknown[]): unknown => {
    guard();
    return (read() as (...args: unknown[]) => unknown).apply(target, args);
  };
  return { enumerable, value: Object.defineProperty(call, 'name', { value: value.name }) };
}
