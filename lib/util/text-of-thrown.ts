/**
 * What was thrown, as text: of an error what `say` gives. JavaScript throws anything, and some of that cannot be made a
 * text; of such it is the type. Never throws itself.
 */
export function textOfThrown(thrown: unknown, say: (error: Error) => unknown): string {
  try {
    return String(thrown instanceof Error ? say(thrown) : thrown);
  } catch {
    return typeof thrown;
  }
}
