import { AsyncLocalStorage } from 'node:async_hooks';
import { BackplaneError } from '../errors/backplane-error.js';

interface Import {
  readonly origin: string;
  /** Why it must not go on: it has asked for the start of a backend. */
  refusal?: BackplaneError;
  over: boolean;
}

const imports = new AsyncLocalStorage<Import>();

/**
 * Runs what imports or loads features; `origin` is what people call it. Whoever looks for features starts none: a start
 * asked for by code that runs on behalf of `load` is refused, and is what this rejects with, `STARTED_BY_IMPORT`.
 */
export async function importing<T>(origin: string, load: () => T | PromiseLike<T>): Promise<T> {
  const current: Import = { origin, over: false };
  try {
    const loaded = await imports.run(current, async () => load());
    if (current.refusal) throw current.refusal;
    return loaded;
  } catch (error) {
    throw current.refusal ?? error;
  } finally {
    current.over = true;
  }
}

/** The answer to who asks for a start: a rejection where that is an import, else nothing. */
export function refuseToImport(): Promise<never> | undefined {
  const current = imports.getStore();
  if (!current) return undefined;
  current.refusal = startedByImport(current.origin);
  const refused = Promise.reject(current.refusal);
  // The import tells of it, unless it ended before.
  if (!current.over) refused.catch(() => {});
  return refused;
}

function startedByImport(origin: string): BackplaneError {
  return new BackplaneError({
    code: 'STARTED_BY_IMPORT',
    message: `${origin} calls Backend.start() when it is imported for its features`,
    path: [],
    fix: 'move what starts a backend out of the folder that is scanned, or name it as "main" or "bin" in package.json, which a scan leaves out.',
  });
}
