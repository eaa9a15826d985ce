/** Characters a terminal obeys or a viewer takes for the end of a line, except for the line feed. */
// oxlint-disable-next-line no-control-regex -- they are what this is about
const controls = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** `text` with control characters written as JSON escapes, which leaves a line of JSON what it was. */
export function escapeControls(text: string): string {
  return text.replace(controls, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
