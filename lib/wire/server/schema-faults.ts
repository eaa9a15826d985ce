import { isOperation } from '../../contract/define-api.js';
import { responsesOf, type OperationDefinition } from '../../contract/operation.js';
import { isRawBody } from '../../contract/raw-body.js';
import type { Schema } from '../../contract/schema.js';
import type { Problem } from '../../errors/problem.js';
import { compiledShape } from './compiled-shape.js';
import { projectionOf } from './projection.js';
import { TextPart } from './text-part.js';
import { keyCheckOf } from './undeclared-keys.js';

/** The schemas of an operation that nobody can serve, told before it is; none of what is no operation. */
export function schemaFaults(operation: unknown): Omit<Problem, 'path'>[] {
  if (!isOperation(operation)) return [];
  const faults: Omit<Problem, 'path'>[] = [];
  for (const [part, compile] of compilations(operation)) {
    try {
      compile();
    } catch (cause) {
      faults.push(unsupported(operation, part, cause));
    }
  }
  return faults;
}

type Compilation = readonly [part: string, compile: () => unknown];

/** As the routes do it, part by part. */
function* compilations(operation: OperationDefinition): Generator<Compilation, void> {
  const { body, stream, errors = {} } = operation;
  for (const part of ['params', 'query', 'headers'] as const) {
    const schema = operation[part];
    if (schema) yield [part, () => new TextPart(part, schema)];
  }
  if (body && !isRawBody(body)) yield ['body', () => keyCheckOf(compiledShape(body, 'input'))];
  if (stream) yield answered('stream', stream);
  for (const [status, response] of responsesOf(operation)) {
    if (response && !isRawBody(response)) yield answered(`response ${status}`, response);
  }
  for (const [code, { details }] of Object.entries(errors)) if (details) yield answered(`error '${code}'`, details);
}

function answered(part: string, schema: Schema): Compilation {
  return [part, () => projectionOf(compiledShape(schema, 'output'))];
}

function unsupported({ pluginId, name }: OperationDefinition, part: string, cause: unknown): Omit<Problem, 'path'> {
  return {
    code: 'UNSUPPORTED_SCHEMA',
    message: `The schema of '${part}' of operation '${pluginId}.${name}' cannot be told as JSON, or not in a way that is understood`,
    fix: 'write it as structures of plain JSON (text for a date), or give { schema, jsonSchema }.',
    cause,
  };
}
