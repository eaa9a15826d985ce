import { dependencyError } from '../../api/dependency-error.js';
import type { ErrorBody } from '../../contract/error-body.js';
import { jsonSchemaOf } from '../../contract/json-schema-of.js';
import type { OperationDefinition } from '../../contract/operation.js';
import { HttpError } from '../../errors/http-error.js';
import { Fit, misfit, type Project } from './fit.js';
import { projectionOf } from './projection.js';
import { shapeOf } from './read-shape.js';

/** Turns what a handler has thrown into what its caller is told of. */
export type TellError = (error: unknown) => unknown;

/** What the errors of one operation are told as; their details are held to what the operation declares. */
export function tellingOf({ errors = {} }: OperationDefinition): TellError {
  const details = new Map<string, Project>();
  for (const [code, declared] of Object.entries(errors)) {
    if (declared.details) details.set(code, projectionOf(shapeOf(jsonSchemaOf(declared.details, 'output'))));
  }
  return error => {
    if (!HttpError.is(error)) return dependencyError(error) ?? error;
    const project = details.get(error.code);
    return project ? withDetails(error, project) : error;
  };
}

function withDetails(error: HttpError, project: Project): unknown {
  const fit = new Fit();
  const text = project(error.details, 'details', fit);
  const { status, code, message, headers, cause } = error;
  const details: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
  if (text !== misfit) return new HttpError(status, message, { code, details, headers, cause });
  return new TypeError(`The details of error '${code}' break the rule '${fit.rule}' at '${fit.pointer}'`, {
    cause: error,
  });
}

/** The body of an error that comes when the answer has begun. */
export function errorBodyOf(error: unknown, requestId: string): string {
  const { code, message, details } = HttpError.is(error)
    ? error
    : { code: 'internal_server_error', message: 'Internal Server Error', details: undefined };
  return JSON.stringify({ error: { code, message, details }, requestId } satisfies ErrorBody);
}
