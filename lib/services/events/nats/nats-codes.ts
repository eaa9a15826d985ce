/** Codes of JetStream's errors. */
export const wrongLastSequence = 10_071;
export const noMessage = 10_037;
export const sequenceNotFound = 10_043;
export const nameInUse = 10_058;
export const consumerNotFound = 10_014;
const streamNotFound = 10_059;

/** An answer of the server that it would give again. */
export function isRefusal(error: unknown): boolean {
  return [wrongLastSequence, noMessage, sequenceNotFound, nameInUse].includes(codeOf(error) as number);
}

/** Whether there is no stream: somebody has deleted it, or the server has kept nothing. */
export function isMissing(error: unknown): boolean {
  const { name } = (error ?? {}) as { name?: unknown };
  return codeOf(error) === streamNotFound || name === 'JetStreamNotEnabled' || name === 'NoRespondersError';
}

export function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | undefined)?.code;
}
