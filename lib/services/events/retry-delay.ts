/**
 * How long to wait before the next attempt, in ms: twice as long each time, and somewhere between half of that and all,
 * so that what has failed together does not come again together.
 */
export function retryDelay(
  attempt: number,
  { initialDelay, maxDelay }: { readonly initialDelay: number; readonly maxDelay: number },
): number {
  const longest = Math.min(maxDelay, initialDelay * 2 ** (attempt - 1));
  return Math.ceil(longest * (0.5 + Math.random() / 2));
}
