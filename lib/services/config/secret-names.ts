const secretWords = new Set(
  'token tokens password passwords passwd passphrase pwd secret secrets credential credentials authorization cookie apikey apikeys jwt pat'.split(
    ' ',
  ),
);
const keyKinds = new Set(
  'api private access secret signing encryption shared master account session auth deploy hmac cookie client service'.split(
    ' ',
  ),
);

/** Whether a name says that its value is secret: `apiKey`, `GITHUB_TOKEN`, `db.password`, but not `tokenUrl`. */
export function isSecretName(name: string): boolean {
  const [last, before] = wordsOf(name).toReversed();
  if (last === undefined) return false;
  return secretWords.has(last) || ((last === 'key' || last === 'keys') && keyKinds.has(before ?? ''));
}

/** Whether a name says that all it holds is secret: `credentials: { user, key }`. */
export function isSecretSection(name: string): boolean {
  return /^(?:credentials?|secrets|passwords)$/.test(wordsOf(name).at(-1) ?? '');
}

/** Whether a name says that its value is secret even as a number. */
export function isPasswordName(name: string): boolean {
  return /^(?:password|passwd|passphrase|pwd|secret)$/.test(wordsOf(name).at(-1) ?? '');
}

function wordsOf(name: string): string[] {
  const separated = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2');
  return separated
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(word => word !== '');
}
