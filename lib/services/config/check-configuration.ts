import type { Problem } from '../../errors/problem.js';
import type { ConfigObject } from './config-node.js';
import { keyStep } from '../../errors/key-step.js';
import type { ConfigSchemaSource } from './config-schema-source.js';
import type { ConfigReading } from './read-configuration.js';
import { markBySchema } from './schema-marks.js';

/** Adds to a reading what schemas say about it. */
export async function checkConfiguration(
  reading: ConfigReading,
  schemas: readonly ConfigSchemaSource[],
): Promise<ConfigReading> {
  if (schemas.length === 0) return reading;
  const { validateConfig } = await import('./validate-config.js');
  const found = await validateConfig(reading.tree, schemas);
  // What a file would have said that cannot be read is not missing, and what has no value was reported already.
  const problems = reading.problems.length > 0 ? found.filter(({ code }) => code !== 'MISSING_CONFIG') : found;
  return {
    ...reading,
    problems: [...reading.problems, ...problems],
    warnings: [...reading.warnings, ...schemas.flatMap(schema => deprecations(reading.tree, schema))],
  };
}

function deprecations(tree: ConfigObject, { packageName, schema }: ConfigSchemaSource): Problem[] {
  return markBySchema(schema, tree).deprecated.map(({ key, node, text }) => ({
    code: 'DEPRECATED_CONFIG',
    message: `Configuration key '${key}' is deprecated${text === '' ? '' : `: ${text}`}`,
    path: [keyStep(key, node.place), `-> configuration schema of package '${packageName}'`],
    fix: 'replace or remove it; a later version will not read it.',
  }));
}
