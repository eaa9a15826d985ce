const views = new WeakMap<object, object>();

/**
 * Plain objects and arrays as others may see them: as they are at the time of reading, in all their depth, and a
 * `TypeError` for who tries to change them. Anything else is given as it is.
 */
export function readOnly(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  let view = views.get(value);
  if (!view) views.set(value, (view = new Proxy(value, traps)));
  return view;
}

const refuse = () => false;

const traps: ProxyHandler<object> = {
  get(target, key) {
    const value = (target as Record<string | symbol, unknown>)[key];
    return isSettled(target, key) ? value : readOnly(value);
  },
  getOwnPropertyDescriptor(target, key) {
    const described = Object.getOwnPropertyDescriptor(target, key);
    return described && 'value' in described && !isSettled(target, key)
      ? { ...described, value: readOnly(described.value) }
      : described;
  },
  set: refuse,
  defineProperty: refuse,
  deleteProperty: refuse,
  setPrototypeOf: refuse,
  preventExtensions: refuse,
};

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as unknown;
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

/** What can never change, a proxy has to give as it is. */
function isSettled(target: object, key: string | symbol): boolean {
  const described = Object.getOwnPropertyDescriptor(target, key);
  return described?.configurable === false && described.writable === false;
}
