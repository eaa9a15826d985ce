/** A text that gives a secret away. */
export interface SecretForm {
  readonly text: string;
  /** The secret is an ordinary word, so only the whole word is hidden: `admin` must not maim `administrator`. */
  readonly word: boolean;
}

/** Shorter values are everywhere by chance; hiding them would hide the log. */
const shortestSecret = 5;

/** From this length on a secret is also looked for in the middle of longer base64, as in `Basic` credentials. */
const shortestInside = 8;

/** How `secret` may appear in a text: as it is, JSON-escaped once or twice, URL-encoded, and in base64. None for a short one. */
export function formsOf(secret: string): SecretForm[] {
  const value = secret.trim();
  if (value.length < shortestSecret) return [];
  const escaped = jsonEscaped(value);
  const texts = new Set([value, escaped, jsonEscaped(escaped), ...urlEncoded(value), ...base64Encoded(value)]);
  const word = /^\p{L}{1,12}$/u.test(value);
  return [...texts].map(text => ({ text, word: word && text === value }));
}

function jsonEscaped(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

function urlEncoded(value: string): string[] {
  const form = new URLSearchParams([['', value]]).toString().slice(1);
  const component = form.replaceAll('+', '%20');
  // encodeURIComponent leaves these alone, URLSearchParams does not.
  const lenient = component.replace(/%(21|27|28|29|7E)/g, code => String.fromCharCode(parseInt(code.slice(1), 16)));
  const upper = [form, component, lenient];
  return [...upper, ...upper.map(text => text.replace(/%[0-9A-F]{2}/g, code => code.toLowerCase()))];
}

function base64Encoded(value: string): string[] {
  const bytes = Buffer.from(value);
  const texts = [bytes.toString('base64').replace(/=+$/, '')];
  if (value.length >= shortestInside) {
    for (const offset of [0, 1, 2]) {
      const shifted = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
      // The characters at both ends depend on the neighbours as well; what is between them only on the secret.
      texts.push(shifted.slice(offset === 0 ? 0 : offset + 1, Math.floor(((offset + bytes.length) * 8) / 6)));
    }
  }
  return texts.flatMap(text => [text, text.replaceAll('+', '-').replaceAll('/', '_')]);
}
