import type { OperationDefinition } from '../../contract/operation.js';
import { pascalCase, type ComponentSchemas } from './component-schemas.js';
import { SchemaReader } from './schema-reader.js';
import type { Json } from './subschemas.js';

/** The name of the framework's error body among the schemas, which no author's schema has. */
export const errorBodyName = 'ErrorBody';

const anyCode: Json = { type: 'string', description: 'Stable; programs decide by it.' };

/** What every error has for its body. */
export const errorBodySchema: Json = {
  type: 'object',
  description: 'What every answer that is not a success has for its body.',
  properties: {
    error: {
      type: 'object',
      properties: {
        code: anyCode,
        message: { type: 'string', description: 'For people.' },
        details: {
          description: 'For a request that is not as declared, the rules it breaks: a list of { pointer, rule }.',
        },
      },
      required: ['code', 'message'],
    },
    requestId: { type: 'string', description: 'Finds the request in the log.' },
  },
  required: ['error', 'requestId'],
};

/** What the framework itself answers with, by status: why, for people. */
const reasons: Readonly<Record<string, string>> = {
  '400': 'The request is not as declared.',
  '401': 'The caller has not said who they are, or not in a way that is accepted.',
  '403': 'The caller may not do this.',
  '413': 'The body is too large.',
  '415': 'The content type, or encoding, of the body is not the declared one.',
  '503': 'The plugin, or something that it needs, is not available, or the answer took too long.',
  default: 'Any other error.',
};

/** The responses that every document has among its components, for operations to refer to. */
export const sharedResponses: Json = Object.fromEntries(
  Object.entries(reasons).map(([status, description]) => [nameOf(status), errorResponse(description, errorBody())]),
);

/** The errors that the framework itself may answer with, of these statuses. */
export function usualErrors(statuses: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(statuses.map(status => [status, { $ref: `#/components/responses/${nameOf(status)}` }]));
}

/** The errors that an operation may answer with: its own, and those of the framework with these statuses. */
export function errorResponsesOf(
  { name, errors = {} }: Pick<OperationDefinition, 'name' | 'errors'>,
  usual: readonly string[],
  components: ComponentSchemas,
): Record<string, unknown> {
  const responses = usualErrors(usual);
  const statuses = new Set(Object.values(errors).map(error => String(error.status)));
  for (const status of statuses) {
    const declared = Object.entries(errors).filter(([, error]) => String(error.status) === status);
    const bodies = declared.map(([code, { details }]) => {
      const title = `${pascalCase(code)}Error`;
      const described =
        details && new SchemaReader(details, 'output', `${pascalCase(code)}Details`, components).whole();
      const body = declaredBody(code, described);
      return components.add([title, `${pascalCase(name)}${title}`], JSON.stringify(body), () => body);
    });
    const reason = usual.includes(status) ? reasons[status] : undefined;
    const texts = declared.map(([code, { description }]) => `\`${code}\`${description ? `: ${description}` : ''}`);
    const all = reason === undefined ? bodies : [...bodies, errorBody()];
    responses[status] = errorResponse(
      [...texts, ...(reason === undefined ? [] : [reason])].join('\n\n'),
      all.length === 1 ? all[0]! : { anyOf: all },
    );
  }
  return responses;
}

function errorBody(): Json {
  return { $ref: `#/components/schemas/${errorBodyName}` };
}

function declaredBody(code: string, details: unknown): Json {
  const thisCode = { type: 'string', const: code };
  const required = ['code', 'message', ...(details === undefined ? [] : ['details'])];
  return {
    type: 'object',
    properties: {
      error: {
        type: 'object',
        properties: {
          code: thisCode,
          message: { type: 'string' },
          ...(details !== undefined && { details }),
        },
        required,
      },
      requestId: { type: 'string' },
    },
    required: ['error', 'requestId'],
  };
}

function errorResponse(description: string, schema: Json): Json {
  return { description, content: { 'application/json': { schema } } };
}

function nameOf(status: string): string {
  return status === 'default' ? 'Error' : `Error${status}`;
}
