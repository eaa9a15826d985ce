/**
 * What a backend and whoever calls it agree on. Imports nothing at run time, so browsers and other programs can use it
 * as it is.
 */
export type { Allow } from './allow.js';
export { ContractError, type ContractProblem } from './contract-error.js';
export { createClient, type ClientOptions, type FetchCallOptions, type FetchClient } from './create-client.js';
export {
  defineApi,
  type AnyApi,
  type Api,
  type apiKey,
  type ApiMetadata,
  type OperationIn,
  type OperationNames,
} from './define-api.js';
export { defineTopic, type PayloadInputOf, type PayloadOf, type Topic, type TopicDeclaration } from './define-topic.js';
export { isErrorBody, type ErrorBody } from './error-body.js';
export { jsonSchemaOf } from './json-schema-of.js';
export type {
  ErrorDeclaration,
  OperationDefinition,
  OperationDraft,
  OperationIdentity,
  OperationMethod,
  OperationOf,
  OperationOptions,
} from './operation.js';
export { del, get, patch, post, put } from './operation-drafts.js';
export { raw, type RawBody } from './raw-body.js';
export { isRemoteError, RemoteError, type RemoteErrorOptions } from './remote-error.js';
export type { ClientRequestOf, RequestOf } from './request-of.js';
export type { ClientResponseOf, ErrorsOf, ResponseOf } from './response-of.js';
export type { DescribedSchema, InputOf, JsonSchema, OutputOf, Schema, SelfDescribingSchema } from './schema.js';
