/** The same JSON, or a text for people, in ASCII alone, which every database holds. */
export function asciiOf(text: string): string {
  // By units of UTF-16, as JSON escapes them.
  return text.replaceAll(/[^\0-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
