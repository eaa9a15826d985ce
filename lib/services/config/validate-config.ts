import { Ajv, type ErrorObject } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Problem } from '../../errors/problem.js';
import type { ConfigSchemaSource } from './config-schema-source.js';
import { toJson, type ConfigObject } from './config-node.js';
import { findNode, joinPath } from './config-path.js';
import { keyStep } from '../../errors/key-step.js';
import { unusableSchema } from './config-problems.js';

/**
 * Checks the configuration against what packages say about it. Values count as what they can be read as, so `'7007'` is
 * a number; the configuration itself is not changed, and defaults of schemas are not filled in.
 */
export async function validateConfig(tree: ConfigObject, sources: readonly ConfigSchemaSource[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  const validators = new Map<boolean, Ajv>();
  for (const source of sources) {
    const isNew = JSON.stringify(source.schema['$schema'] ?? '').includes('2020-12');
    if (!validators.has(isNew)) validators.set(isNew, createValidator(isNew));
    problems.push(...validate(validators.get(isNew)!, tree, source));
  }
  return problems;
}

function createValidator(isNew: boolean): Ajv {
  const Validator = isNew ? Ajv2020 : Ajv;
  const validator = new Validator({
    allErrors: true,
    coerceTypes: true,
    strict: false,
    logger: false,
    addUsedSchema: false,
  });
  validator.removeKeyword('deprecated');
  return validator
    .addKeyword({
      keyword: 'visibility',
      metaSchema: { enum: ['frontend', 'backend', 'secret'] },
    })
    .addKeyword({
      keyword: 'deepVisibility',
      metaSchema: { enum: ['frontend', 'secret'] },
    })
    .addKeyword({
      keyword: 'deprecated',
      metaSchema: { type: ['string', 'boolean'] },
    });
}

function validate(validator: Ajv, tree: ConfigObject, { packageName, schema }: ConfigSchemaSource): Problem[] {
  try {
    const check = validator.compile(schema);
    if (check(toJson(tree))) return [];
    return withoutAlternatives(check.errors ?? []).map(error => describe(error, tree, packageName));
  } catch (cause) {
    return [unusableSchema(packageName, 'is no JSON Schema', cause)];
  }
}

/** What ajv says besides the place; all of it comes from the schema, or is the name of a key. */
interface ErrorParameters {
  readonly missingProperty?: string;
  readonly additionalProperty?: string;
  readonly unevaluatedProperty?: string;
  readonly allowedValues?: readonly unknown[];
}

/** Leaves out why each form of an `anyOf` does not fit: that none does says it. */
function withoutAlternatives(errors: readonly ErrorObject[]): ErrorObject[] {
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  return errors.filter(
    error => error.keyword !== 'if' && !choices.some(choice => error.schemaPath.startsWith(`${choice.schemaPath}/`)),
  );
}

function describe(
  { instancePath, keyword, params, message }: ErrorObject,
  tree: ConfigObject,
  packageName: string,
): Problem {
  const { missingProperty, additionalProperty, unevaluatedProperty, allowedValues } = params as ErrorParameters;
  const unknown = additionalProperty ?? unevaluatedProperty;
  const key = joinPath(keyOf(instancePath), missingProperty ?? unknown ?? '');
  const { nearest } = findNode(tree, key);
  const path = [keyStep(nearest.path, nearest.node.place), `-> configuration schema of package '${packageName}'`];
  if (keyword === 'required') {
    return { code: 'MISSING_CONFIG', message: `Configuration key '${key}' is missing`, path, fix: `set '${key}'.` };
  }
  if (unknown !== undefined) {
    return {
      code: 'INVALID_CONFIG',
      message: `Configuration key '${key}' is not known`,
      path,
      fix: 'remove or rename it.',
    };
  }
  const what = key === '' ? 'The configuration' : `Configuration key '${key}'`;
  const allowed = allowedValues ? `: ${allowedValues.map(value => JSON.stringify(value)).join(', ')}` : '';
  return {
    code: 'INVALID_CONFIG',
    message: `${what} ${message ?? 'does not fit its schema'}${allowed}`,
    path,
    fix: `write what the schema of '${packageName}' allows there.`,
  };
}

/** `/a/b~1c/0` as `a.b/c[0]`. */
function keyOf(pointer: string): string {
  const parts = pointer.split('/').slice(1);
  return parts
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((key, part) => joinPath(key, /^\d+$/.test(part) ? Number(part) : part), '');
}
