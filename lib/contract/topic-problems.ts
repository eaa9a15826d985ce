import type { ContractProblem } from './contract-error.js';
import { isSchema } from './json-schema-of.js';
import { isPlainId, longestId } from './plain-id.js';

const known: readonly string[] = ['pluginId', 'id', 'payload', 'private'];

/** Everything that is wrong with the declaration of a topic. JavaScript may give anything. */
export function topicProblems(declaration: unknown): ContractProblem[] {
  const problems: ContractProblem[] = [];
  const given = (typeof declaration === 'object' ? declaration : undefined) as
    Record<string, unknown> | null | undefined;
  const { pluginId, id, payload, private: isPrivate } = given ?? {};
  const path = [`in topic '${String(id)}' of plugin '${String(pluginId)}'`];
  const report = (message: string, fix: string): void => {
    problems.push({ code: 'INVALID_TOPIC', message, path, fix });
  };
  for (const [key, value] of Object.entries({ pluginId, id })) {
    if (isPlainId(value)) continue;
    report(
      `'${String(value)}' is not a valid ${key} of a topic`,
      `write it in kebab-case, as '${key === 'id' ? 'entity-changed' : 'my-plugin'}', ${longestId} characters at most.`,
    );
  }
  if (!isSchema(payload)) {
    report(
      `The payload of topic '${String(id)}' has no schema`,
      'write payload: a schema that gives its JSON Schema, as those of zod 4 do, or { schema, jsonSchema }.',
    );
  }
  if (isPrivate !== undefined && typeof isPrivate !== 'boolean') {
    report(`Whether topic '${String(id)}' is private is neither true nor false`, 'write private: true, or nothing.');
  }
  for (const key of Object.keys(given ?? {}).filter(name => !known.includes(name))) {
    report(`Topic '${String(id)}' has an option '${key}', which means nothing`, 'remove it, or correct its name.');
  }
  return problems;
}
