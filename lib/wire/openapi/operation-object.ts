import { STATUS_CODES } from 'node:http';
import type { RouteDefinition } from '../../api/http-services.js';
import type { Allow } from '../../contract/allow.js';
import { responsesOf, type OperationDefinition } from '../../contract/operation.js';
import { isRawBody, type RawBody } from '../../contract/raw-body.js';
import type { Schema } from '../../contract/schema.js';
import { isOptional } from '../is-optional.js';
import { pascalCase, type ComponentSchemas } from './component-schemas.js';
import { errorResponsesOf, usualErrors } from './error-responses.js';
import { parametersOf, plainParametersOf, type Parameter } from './parameters.js';
import { SchemaReader } from './schema-reader.js';
import { securityOf } from './security-schemes.js';
import type { Json } from './subschemas.js';

/** An operation object, as OpenAPI calls it. */
export interface OperationObject extends Json {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
}

/** What an operation of a contract answers. */
export function answersOf(
  operation: OperationDefinition,
  allow: Allow | undefined,
  components: ComponentSchemas,
): Json {
  const { stream, body } = operation;
  const name = pascalCase(`${operation.name}-response`);
  const several = responsesOf(operation).size > 1;
  const responses: Record<string, unknown> = {};
  for (const [status, declared] of responsesOf(operation)) {
    const description = STATUS_CODES[status] ?? 'Success';
    if (stream) responses[status] = streamResponse(operation, stream, components);
    else {
      const content = declared && contentOf(declared, 'output', several ? `${name}${status}` : name, components);
      responses[status] = { description, ...(content && { content }) };
    }
  }
  const usual = ['400', ...guardsOf(allow), ...(body ? ['413', '415'] : []), '503', 'default'];
  return { ...responses, ...errorResponsesOf(operation, usual, components) };
}

/** The operation of a contract, with the answers that were written before. */
export function operationObject(
  operation: OperationDefinition,
  { allow }: RouteDefinition,
  responses: Json,
  components: ComponentSchemas,
): OperationObject {
  const { pluginId, name, summary, description, body, timeout, idempotent, maxBodySize } = operation;
  const parameters = parametersOf(operation, components);
  return {
    operationId: `${pluginId}.${name}`,
    tags: [pluginId],
    ...(summary !== undefined && { summary }),
    ...(description !== undefined && { description }),
    security: securityOf(allow),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: isRawBody(body) || !isOptional(body),
        content: contentOf(body, 'input', pascalCase(`${name}-body`), components),
      },
    }),
    responses,
    ...(timeout !== undefined && { 'x-timeout': timeout }),
    ...(idempotent !== undefined && { 'x-idempotent': idempotent }),
    ...(maxBodySize !== undefined && { 'x-max-body-size': maxBodySize }),
  };
}

/** A route without a contract: its path and who may call it is all that is known. */
export function plainObject(pluginId: string, { method, path, allow, source }: RouteDefinition): OperationObject {
  const name = source?.name ?? `${method.toLowerCase()}${pascalCase(path)}`;
  const parameters = plainParametersOf(path);
  return {
    operationId: `${pluginId}.${name.replaceAll(/[^\w.]+/g, '_')}`,
    tags: [pluginId],
    description: 'A plain route: what it takes and answers is not declared.',
    security: securityOf(allow),
    ...(parameters.length > 0 && { parameters }),
    responses: {
      '2XX': { description: 'Not declared.' },
      ...usualErrors([...guardsOf(allow), '503', 'default']),
    },
    'x-plain-route': true,
  };
}

function guardsOf(allow: Allow | undefined): string[] {
  return allow === 'unauthenticated' ? [] : ['401', '403'];
}

function streamResponse(operation: OperationDefinition, stream: Schema, components: ComponentSchemas): Json {
  const name = pascalCase(`${operation.name}-event`);
  const schema = new SchemaReader(stream, 'output', name, components).whole();
  return {
    description:
      'Server-sent events. The data of each is JSON of this schema; one of type `error` has the body of an error, and is the last.',
    content: { 'text/event-stream': { schema } },
  };
}

function contentOf(
  declared: Schema | RawBody,
  side: 'input' | 'output',
  name: string,
  components: ComponentSchemas,
): Json {
  if (!isRawBody(declared)) {
    return { 'application/json': { schema: new SchemaReader(declared, side, name, components).whole() } };
  }
  const { contentType } = declared;
  // A text is one; of any other bytes `binary` is what programs that write clients look for.
  const format = contentType.startsWith('text/') ? {} : { format: 'binary' };
  return { [contentType]: { schema: { type: 'string', ...format, contentMediaType: contentType.split(';', 1)[0] } } };
}
