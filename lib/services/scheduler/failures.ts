import { textOfThrown } from '../../util/text-of-thrown.js';

const longestBackOff = 60_000;
const longestText = 1_000;

/** How long a task waits, at least, that has failed so many times in a row; in ms. */
export function backOff(failures: number): number {
  return Math.min(longestBackOff, 1_000 * 2 ** (failures - 1));
}

/** What is kept of an error. */
export function errorText(error: unknown): string {
  const text = textOfThrown(error, ({ message }) => message);
  // oxlint-disable-next-line no-control-regex -- PostgreSQL takes no zero, and nobody needs the others.
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f]/g, ' ').slice(0, longestText);
}

/** For databases that cannot write every letter: others than those of ASCII, which all can, become `?`. */
export function inPlainLetters(text: string | undefined): string | undefined {
  return text?.replaceAll(/[^\n\r\t -~]/gu, '?');
}
