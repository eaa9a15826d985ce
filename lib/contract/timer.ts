/** In ms: Node takes a longer time for 1 ms. */
export const longestTimer = 2 ** 31 - 1;

/** Whether it is a time in ms that a timer can wait. */
export function isTimer(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value <= longestTimer;
}
