import { dependencyError } from '../../api/dependency-error.js';
import type { OperationDefinition } from '../../contract/operation.js';
import { HttpError } from '../../errors/http-error.js';
import { compiledShape } from './compiled-shape.js';
import { Fit, misfit, type Project } from './fit.js';
import { projectionOf } from './projection.js';

/** Turns what a handler has thrown into what its caller is told of. */
export type TellError = (error: unknown) => unknown;

/** What the errors of one operation are told as; their details are held to what the operation declares. */
export function tellingOf({ errors = {} }: OperationDefinition): TellError {
  const details = new Map<string, Project>();
  for (const [code, declared] of Object.entries(errors)) {
    if (declared.details) details.set(code, projectionOf(compiledShape(declared.details, 'output')));
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
