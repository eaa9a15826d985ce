/**
 * A text by which databases sort as people do: numbers as numbers, and letters in any case.
 *
 * It has only digits and the letters a to f, which every collation of every database sorts in the same way.
 */
export function sortKeyOf(parts: readonly string[]): string {
  const folded = parts.map(part => part.toLowerCase().replaceAll(/\d+/g, digits => digits.padStart(12, '0')));
  return Buffer.from(folded.join('\0')).toString('hex');
}
