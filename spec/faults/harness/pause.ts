/** A wait that ends after `ms`, or for nothing once it is disposed. */
export function pause(ms: number): Promise<void> & Disposable {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<void>(resolve => (timer = setTimeout(resolve, ms)));
  return Object.assign(waited, { [Symbol.dispose]: () => clearTimeout(timer) });
}
