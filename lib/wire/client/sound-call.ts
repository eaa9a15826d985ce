import type { CallOptions } from '../../api/call.js';
import { unknownOptions } from '../../util/unknown-option.js';

/** Of a call as the plugin itself: whoever asks has more to it than these. */
const known = ['credentials', 'signal', 'timeout'];

/** Throws a `TypeError` for what does not say on whose behalf a plugin calls, or says it with values of other types. */
export function requireSound(options: unknown, what: string): asserts options is CallOptions {
  if (typeof options !== 'object' || options === null) throw wrong(what, 'does not say on whose behalf');
  const { credentials, signal, timeout, deadline } = options as Readonly<Record<string, unknown>>;
  if (credentials !== 'own' && !isCredentials(credentials)) throw wrong(what, 'does not say on whose behalf');
  const [unknown] = credentials === 'own' ? unknownOptions(options, known) : [];
  if (unknown) throw wrong(what, `has an option '${unknown.option}', which means nothing`);
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrong(what, 'has a signal that is none');
  if (credentials === 'own' && !isTime(timeout)) throw wrong(what, 'has a timeout that is no number of ms');
  if (credentials !== 'own' && !isTime(deadline)) throw wrong(what, 'has a deadline that is no time in ms');
}

/** Whose they are the credentials service finds out. */
function isCredentials(value: unknown): boolean {
  const principal = typeof value === 'object' && value !== null && (value as { principal?: unknown }).principal;
  return typeof principal === 'object' && principal !== null;
}

function isTime(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && !Number.isNaN(value));
}

function wrong(what: string, fault: string): TypeError {
  return new TypeError(
    `The call of ${what} ${fault}; pass the call that is being answered, or { credentials: 'own', signal?, timeout? }`,
  );
}
