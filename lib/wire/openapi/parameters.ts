import type { OperationDefinition } from '../../contract/operation.js';
import { paramNamesOf } from '../../contract/route-path.js';
import { isObject } from '../../util/is-object.js';
import { pascalCase, type ComponentSchemas } from './component-schemas.js';
import { membersOf } from './object-members.js';
import { SchemaReader } from './schema-reader.js';
import type { Json } from './subschemas.js';

/** A parameter object, as OpenAPI calls it. */
export interface Parameter extends Json {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
}

/** The parameters of an operation: in its path, its query and its headers. */
export function parametersOf(operation: OperationDefinition, components: ComponentSchemas): Parameter[] {
  return [
    ...pathParameters(operation, components),
    ...declared(operation, 'query', components),
    ...declared(operation, 'headers', components),
  ];
}

/** The parameters in a path of which nothing more is known. */
export function plainParametersOf(path: string): Parameter[] {
  return paramNamesOf(path).map(name => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function pathParameters(operation: OperationDefinition, components: ComponentSchemas): Parameter[] {
  const known = new Map(declared(operation, 'params', components).map(parameter => [parameter.name, parameter]));
  return plainParametersOf(operation.path).map(plain => ({ ...plain, ...known.get(plain.name), required: true }));
}

const places = { params: 'path', query: 'query', headers: 'header' } as const;

function declared(
  operation: OperationDefinition,
  part: keyof typeof places,
  components: ComponentSchemas,
): Parameter[] {
  const schema = operation[part];
  if (!schema) return [];
  const reader = new SchemaReader(schema, 'input', pascalCase(`${operation.name}-${part}`), components);
  const { properties, others } = membersOf(reader);
  const parameters = [...properties].map(([name, member]): Parameter => {
    const described = reader.written(member.schema);
    return {
      name,
      in: places[part],
      ...(isObject(described) && said(described)),
      ...(member.required && { required: true }),
      ...(part === 'query' && isList(described) && { style: 'form', explode: true }),
      schema: described,
    };
  });
  if (part !== 'query' || others === undefined) return parameters;
  const name = ['others', 'otherParameters'].find(free => !properties.has(free)) ?? 'additionalParameters';
  const rest = { type: 'object', additionalProperties: reader.written(others) };
  return [...parameters, { name, in: 'query', style: 'form', explode: true, schema: rest }];
}

/** What a schema says that readers look for at the parameter. */
function said({ description, deprecated }: Json): Json {
  return {
    ...(typeof description === 'string' && { description }),
    ...(deprecated === true && { deprecated }),
  };
}

function isList(schema: unknown): boolean {
  return isObject(schema) && (schema['type'] === 'array' || 'items' in schema);
}
