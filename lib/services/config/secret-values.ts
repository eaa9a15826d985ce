import type { ConfigNode, ConfigScalar } from './config-node.js';
import type { ConfigSchemaSource } from './config-schema-source.js';
import { markBySchema } from './schema-marks.js';
import { isPasswordName, isSecretName, isSecretSection } from './secret-names.js';

/** Shorter texts that a schema calls secret are ordinary words of other texts. */
const minimumMarked = 2;

/** Shorter texts whose key alone suggests a secret, as `dev`, are more often no secret than one. */
const minimumGuessed = 4;

/** What a secret key may hold without being one. */
const commonWords = new Set(
  'true false none null default include omit same-origin bearer basic required optional disabled enabled'.split(' '),
);

/**
 * The secrets in a configuration: what schemas mark, and without any schema what stands at keys whose name says so, in
 * private keys, and as the password within URLs and connection strings.
 */
export function* secretValues(tree: ConfigNode, schemas: readonly ConfigSchemaSource[]): Generator<string> {
  for (const { schema } of schemas) {
    for (const node of markBySchema(schema, tree).secrets) {
      if (node.kind === 'scalar') yield* longerThan(minimumMarked, textsOf(node));
    }
  }
  yield* longerThan(minimumGuessed, guessed(tree, '', 'none'));
}

/** Whether a value is secret: not at all, itself (or the items of a list) alone, or with all below it. */
type Secrecy = 'none' | 'own' | 'deep';

function* guessed(node: ConfigNode, name: string, secrecy: Secrecy): Generator<string> {
  if (node.kind === 'scalar') yield* guessedOf(node, name, secrecy !== 'none');
  if (node.kind === 'list') for (const item of node.items) yield* guessed(item, name, secrecy);
  if (node.kind !== 'object') return;
  for (const [key, value] of node.entries) {
    const isDeep = secrecy === 'deep' || isSecretSection(key);
    yield* guessed(value, key, isDeep ? 'deep' : isSecretName(key) ? 'own' : 'none');
  }
}

function* guessedOf(node: ConfigScalar, name: string, isSecret: boolean): Generator<string> {
  const { value } = node;
  if (typeof value === 'number' && isPasswordName(name)) yield String(value);
  if (typeof value !== 'string' || commonWords.has(value.toLowerCase())) return;
  if (isSecret || value.includes('PRIVATE KEY-----')) yield* textsOf(node);
  else yield* embedded(value);
}

function* embedded(text: string): Generator<string> {
  const user = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\s]*)@/i.exec(text)?.[1];
  if (user !== undefined) {
    const colon = user.indexOf(':');
    // A name without a password is one where it is as long as a token.
    if (colon >= 0 || user.length >= 16) yield* decoded(user.slice(colon + 1));
  }
  for (const [, name, value] of text.matchAll(/(?<=^|[?&;\s])([\w.-]+)=([^&;\s]+)/g)) {
    if (isSecretName(name!)) yield* decoded(value!);
  }
}

function* decoded(text: string): Generator<string> {
  yield text;
  try {
    yield decodeURIComponent(text);
  } catch {
    // It has a per cent sign of its own.
  }
}

function* textsOf({ value, fragments = [] }: ConfigScalar): Generator<string> {
  if (typeof value === 'string' || typeof value === 'number') yield String(value);
  yield* fragments;
}

function* longerThan(minimum: number, texts: Iterable<string>): Generator<string> {
  for (const text of texts) if (text.trim().length >= minimum) yield text.trim();
}
