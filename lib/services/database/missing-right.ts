/** A server refuses a step to whoever has logged in; `cause` is what it says. */
export class MissingRight extends Error {
  readonly fix: string;

  constructor(fix: string, cause: unknown) {
    super('a right is missing', { cause });
    this.fix = fix;
  }
}

/** Takes a step for which a right is needed, and says how to come by that where it is missing: `codes` tell so. */
export async function withRight<T>(
  step: () => Promise<T>,
  codes: ReadonlySet<unknown>,
  fix: () => string | Promise<string>,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!codes.has((error as { code?: unknown }).code)) throw error;
    throw new MissingRight(await fix(), error);
  }
}
