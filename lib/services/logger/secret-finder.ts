import { formsOf, type SecretForm } from './secret-forms.js';

export const hidden = '***';

/** Finds secrets in texts in one pass, however many there are. */
export class SecretFinder {
  /** Length of the longest text that is looked for. */
  readonly longest: number;
  readonly #secrets: ReadonlySet<string>;
  readonly #forms = new Map<number, SecretForm[]>();
  /** Which pairs of characters may start a form; a cheap answer for the many places where none does. */
  readonly #starts = new Uint8Array(0x1_0000);

  constructor(secrets: Iterable<string>) {
    this.#secrets = new Set(secrets);
    const forms = [...this.#secrets].flatMap(formsOf).toSorted((a, b) => b.text.length - a.text.length);
    this.longest = forms[0]?.text.length ?? 0;
    for (const form of forms) {
      const [first, second] = [form.text.charCodeAt(0), form.text.charCodeAt(1)];
      const pair = first * 0x1_0000 + second;
      this.#starts[mix(first, second)] = 1;
      this.#forms.set(pair, [...(this.#forms.get(pair) ?? []), form]);
    }
  }

  /** `text` with every secret hidden; `words: false` leaves those that are ordinary words. */
  hide(text: string, { words }: { words: boolean }): string {
    if (this.longest === 0) return text;
    let result = '';
    let [copied, start, end] = [0, -1, -1];
    for (let i = 0; i < text.length; i++) {
      if (i === end) {
        result += text.slice(copied, start) + hidden;
        [copied, start, end] = [end, -1, -1];
      }
      const first = text.charCodeAt(i);
      const second = text.charCodeAt(i + 1);
      if (this.#starts[mix(first, second)] !== 1) continue;
      const length = this.#lengthAt(text, i, first * 0x1_0000 + second, words);
      // Secrets may overlap; what is hidden reaches to the end of the last one.
      if (length > 0) [start, end] = [start === -1 ? i : start, Math.max(end, i + length)];
    }
    if (start !== -1) return result + text.slice(copied, start) + hidden;
    return copied === 0 ? text : result + text.slice(copied);
  }

  #lengthAt(text: string, index: number, pair: number, words: boolean): number {
    for (const { text: form, word } of this.#forms.get(pair) ?? []) {
      if ((word && !words) || !text.startsWith(form, index)) continue;
      if (word && (isLetter(text[index - 1]) || isLetter(text[index + form.length]))) continue;
      return form.length;
    }
    return 0;
  }
}

function mix(first: number, second: number): number {
  return ((first << 8) ^ second) & 0xffff;
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /\p{L}/u.test(character);
}
