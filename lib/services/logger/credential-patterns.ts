import { hidden } from './secret-finder.js';

const fields = new Set(
  'authorization proxyauthorization cookie setcookie password passwd passphrase secret clientsecret token accesstoken refreshtoken idtoken apikey xapikey privatekey'.split(
    ' ',
  ),
);

/** Whether a field of this name holds a credential, whatever its value: `set-cookie`, `clientSecret`. */
export function isCredentialField(name: string): boolean {
  return name.length < 30 && fields.has(name.toLowerCase().replace(/[-_]/g, ''));
}

/** Whether the HTTP header of this name holds a credential. */
export function isCredentialHeader(name: string): boolean {
  return /^(?:(?:proxy-)?authorization|(?:set-)?cookie)$/i.test(name);
}

const header = /\b((?:proxy-)?authorization|(?:set-)?cookie)(\\*["']?\s*[:=]\s*\\*["']?)[^\r\n"'\\]+/gi;
const bearer = /\b(bearer\s+)(?=[^\s"',;]{0,64}\d)[\w.~+/=-]{8,}/gi;
const basic = /\b(basic\s+)(?=[^\s"',;]{0,64}[\d=])[\w+/=-]{8,}/gi;
const password = /(:\/\/[^\s/:@]*:)[^\s/@]+@/g;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** `text` without what is recognisable as a credential by its form alone. */
export function hideCredentials(text: string): string {
  let result = text;
  // Each pattern is only tried on a text that has what the pattern cannot do without.
  if (/cookie|authorization/i.test(result)) result = result.replace(header, `$1$2${hidden}`);
  if (/bearer/i.test(result)) result = result.replace(bearer, `$1${hidden}`);
  if (/basic/i.test(result)) result = result.replace(basic, `$1${hidden}`);
  if (result.includes('://')) result = result.replace(password, `$1${hidden}@`);
  if (result.includes('PRIVATE KEY-----')) result = result.replace(privateKey, hidden);
  return result.includes('.eyJ') ? hideTokens(result) : result;
}

/** Hides `eyJ….eyJ….…`. By hand, because a pattern would look at a long run of `eyJeyJ…` once per `eyJ`. */
function hideTokens(text: string): string {
  let result = '';
  let copied = 0;
  for (let dot = text.indexOf('.eyJ'); dot !== -1; dot = text.indexOf('.eyJ', Math.max(copied, dot + 1))) {
    let from = dot;
    while (from > copied && isTokenCharacter(text.charCodeAt(from - 1))) from--;
    const start = text.slice(from, dot).indexOf('eyJ');
    if (start === -1) continue;
    let to = dot + 1;
    while (to < text.length && (text[to] === '.' || isTokenCharacter(text.charCodeAt(to)))) to++;
    result += text.slice(copied, from + start) + hidden;
    copied = to;
  }
  return result + text.slice(copied);
}

/** A letter, a digit, `-` or `_`. */
function isTokenCharacter(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 97 && letter <= 122) || (code >= 48 && code <= 57) || code === 45 || code === 95;
}
