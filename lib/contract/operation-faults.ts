import { isAllow } from './allow.js';
import type { Fault } from './api-problems.js';
import { isSchema, jsonSchemaOf } from './json-schema-of.js';
import { responsesOf, type OperationDraft, type OperationOptions } from './operation.js';
import { isRawBody } from './raw-body.js';
import { isTimer, longestTimer } from './timer.js';
import { isReservedHeader } from './reserved-headers.js';
import { paramNamesOf, routePathOf } from './route-path.js';
import type { Schema } from './schema.js';

const lowerSnake = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

const isSchemaOrRaw = (value: unknown): boolean => isSchema(value) || isRawBody(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
const isPositive = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value > 0;

const schema = 'a schema that gives its JSON Schema, as those of zod 4 do, or { schema, jsonSchema }';

/** Every option there is: what it has to be, and whether something is that. */
const forms: Readonly<Record<keyof OperationOptions, readonly [expected: string, fits: (value: unknown) => boolean]>> =
  {
    allow: [`'unauthenticated' or a list of 'user', 'service' and 'user-cookie'`, isAllow],
    summary: ['a text', isText],
    description: ['a text', isText],
    params: [schema, isSchema],
    query: [schema, isSchema],
    headers: [schema, isSchema],
    body: [`${schema}, or raw() of one media type, as raw('image/png')`, isSchemaOrRaw],
    response: [`${schema}, or raw() of one media type, as raw('image/png')`, isSchemaOrRaw],
    responses: ['an object of statuses and schemas', isRecord],
    stream: [schema, isSchema],
    status: ['a status from 200 to 299', isGood],
    errors: ['an object of codes and { status, details? }', isRecord],
    timeout: [`a number of ms, at most ${longestTimer}, which is 24 days`, isTimer],
    idempotent: ['true or false', value => typeof value === 'boolean'],
    maxBodySize: ['a number of bytes', isPositive],
  };

/** Everything that is wrong with an operation, its name aside. */
export function* operationFaults({ method, path, options }: OperationDraft): Iterable<Fault> {
  let sound = true;
  for (const fault of optionFaults(options)) {
    sound = false;
    yield fault;
  }
  yield* pathFaults(path);
  // What follows looks into options, which therefore have to be what they are said to be.
  if (!sound) return;
  yield* paramFaults(path, options.params);
  yield* headerFaults(options.headers);
  yield* bodyFaults(method, options);
  yield* answerFaults(options);
  yield* errorFaults(options.errors ?? {});
}

function* optionFaults(options: OperationOptions): Iterable<Fault> {
  for (const [option, value] of Object.entries(options)) {
    const form = Object.hasOwn(forms, option) ? forms[option as keyof OperationOptions] : undefined;
    if (!form) yield { what: `has an option '${option}', which means nothing`, fix: 'remove it, or correct its name.' };
    else if (value !== undefined && !form[1](value)) {
      yield { what: `has an option '${option}' that is not what it has to be`, fix: `write ${form[0]}.` };
    }
  }
}

function* pathFaults(path: string): Iterable<Fault> {
  if (routePathOf(path) !== path) {
    yield {
      what: `has the path '${path}', which is none`,
      fix: `start with a slash and write segments of plain characters and ':name', as '/entities/:kind/:name', each name once and no slash at the end.`,
    };
  } else if (`${path}/`.startsWith('/.backplane/')) {
    yield { what: `has a path below '/.backplane', which the framework has for itself`, fix: 'choose another path.' };
  }
}

function* paramFaults(path: string, params: Schema | undefined): Iterable<Fault> {
  const inPath = paramNamesOf(path);
  const described = params ? keysOf(params) : [];
  const missing = inPath.filter(name => !described?.includes(name));
  const foreign = described?.filter(name => !inPath.includes(name)) ?? [];
  if (described && missing.length > 0) {
    yield {
      what: `has ':${missing.join("', ':")}' in its path and not in 'params'`,
      fix: `describe each in params: { … }.`,
    };
  } else if (foreign.length > 0) {
    yield {
      what: `has '${foreign.join("', '")}' in 'params' and not in its path`,
      fix: `write ':${foreign[0]}' into the path, or move it to 'query'.`,
    };
  }
}

function* headerFaults(headers: Schema | undefined): Iterable<Fault> {
  for (const name of (headers && keysOf(headers)) ?? []) {
    if (name !== name.toLowerCase()) {
      yield { what: `has the header '${name}'`, fix: `write it in lower case: '${name.toLowerCase()}'.` };
    } else if (isReservedHeader(name)) {
      yield {
        what: `has the header '${name}', which is not the author's to read`,
        fix: `name another; credentials are in 'call'.`,
      };
    }
  }
}

function* bodyFaults(method: string, { body, maxBodySize }: OperationOptions): Iterable<Fault> {
  if (body !== undefined && (method === 'GET' || method === 'DELETE')) {
    yield {
      what: `has a body, which a ${method} request has not`,
      fix: `put it into 'query', or declare the operation with post().`,
    };
  }
  if (body === undefined && maxBodySize !== undefined) {
    yield { what: `has a 'maxBodySize' and no body`, fix: `remove 'maxBodySize', or declare the body.` };
  }
}

function* answerFaults(options: OperationOptions): Iterable<Fault> {
  const { response, responses, stream, status } = options;
  const said = Object.entries({ response, responses, stream }).flatMap(([name, value]) => (value ? [name] : []));
  if (said.length > 1)
    yield { what: `has '${said.join("' and '")}'`, fix: `keep one of them; several answers belong into 'responses'.` };
  if (responses && status !== undefined)
    yield { what: `has 'status' and 'responses'`, fix: `remove 'status'; the keys of 'responses' say it.` };
  const several = Object.entries(responses ?? {});
  if (responses && several.length === 0)
    yield {
      what: `has no 'responses'`,
      fix: `write one or more, or remove 'responses' where there is nothing to answer.`,
    };
  for (const [code, one] of several) {
    if (!isGood(Number(code)))
      yield { what: `has a response '${code}'`, fix: `write a status from 200 to 299; failures are 'errors'.` };
    if (one !== null && !isSchema(one))
      yield {
        what: `has a response '${code}' that is no schema`,
        fix: `write ${schema}, or null where there is no body.`,
      };
  }
  for (const [code, one] of responsesOf(options)) {
    if ((code === 204 || code === 205) && (one || stream))
      yield { what: `answers ${code} with a body`, fix: 'choose another status; this one has no body.' };
  }
}

function* errorFaults(errors: NonNullable<OperationOptions['errors']>): Iterable<Fault> {
  for (const [code, declared] of Object.entries(errors)) {
    if (!lowerSnake.test(code))
      yield { what: `has an error '${code}'`, fix: `write its code in lower_snake, as 'unknown_entity'.` };
    const { status, details, description: _, ...more } = (declared ?? {}) as Partial<typeof declared>;
    for (const [key, value] of Object.entries(more))
      if (value !== undefined)
        yield {
          what: `has an error '${code}' with '${key}', which means nothing`,
          fix: 'remove it, or correct its name.',
        };
    if (!Number.isInteger(status) || status! < 400 || status! > 499) {
      yield {
        what: `has an error '${code}' with the status ${status}`,
        fix: `write a status from 400 to 499; what is the server's own failure is never declared.`,
      };
    }
    if (details !== undefined && !isSchema(details))
      yield { what: `has an error '${code}' whose details are no schema`, fix: `write ${schema}.` };
  }
}

function isGood(status: unknown): boolean {
  return Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 299;
}

/** The keys of an object that a schema describes; `undefined` where it does not say them. */
function keysOf(described: Schema): readonly string[] | undefined {
  try {
    const { properties } = jsonSchemaOf(described, 'input');
    return typeof properties === 'object' && properties !== null ? Object.keys(properties) : undefined;
  } catch {
    return undefined;
  }
}
