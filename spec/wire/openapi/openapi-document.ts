import { Validator } from '@seriousme/openapi-schema-validator';
import type { TestBackend } from '../../../lib/testing/index.js';

export interface ReadOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly security: readonly Record<string, readonly string[]>[];
  readonly parameters?: readonly Record<string, unknown>[];
  readonly requestBody?: { readonly required: boolean; readonly content: Record<string, { readonly schema: unknown }> };
  readonly responses: Record<string, Record<string, unknown>>;
  readonly [extension: `x-${string}`]: unknown;
}

export interface ReadDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Record<string, Record<string, ReadOperation>>;
  readonly components: { readonly schemas: Record<string, Record<string, unknown>> };
}

/** The document of a plugin, or of the whole backend. */
export async function readDocument(backend: Pick<TestBackend, 'request'>, pluginId?: string): Promise<ReadDocument> {
  const path = pluginId === undefined ? '' : `/api/${pluginId}`;
  const { status, text } = await backend.request.get(`${path}/.backplane/openapi.json`);
  if (status !== 200) throw new Error(`${status} ${text}`);
  return JSON.parse(text) as ReadDocument;
}

const validator = new Validator();

/** What an independent validator finds wrong. */
export async function faultsIn(document: object): Promise<unknown[]> {
  const found: unknown[] = [];
  const { valid, errors } = await validator.validate({ ...structuredClone(document) });
  if (!valid) found.push(errors);
  for (const { $ref } of references(document))
    if (at(document, $ref) === undefined) found.push(`nothing is at ${$ref}`);
  return found;
}

/** Each operation as `GET /path`. */
export function operationsIn({ paths }: ReadDocument): string[] {
  return Object.entries(paths)
    .flatMap(([path, item]) => Object.keys(item).map(method => `${method.toUpperCase()} ${path}`))
    .toSorted();
}

/** What `#/components/…` is in the document. */
export function at(document: object, reference: string): unknown {
  let place: unknown = document;
  for (const key of reference.split('/').slice(1)) place = (place as Record<string, unknown> | undefined)?.[key];
  return place;
}

function* references(value: unknown): Generator<{ readonly $ref: string }> {
  if (typeof value !== 'object' || value === null) return;
  if ('$ref' in value && typeof value.$ref === 'string') yield value as { $ref: string };
  for (const member of Object.values(value)) yield* references(member);
}
