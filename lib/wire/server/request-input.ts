import type { AdmittedRequest } from '../../api/http-services.js';
import { isPlugin } from './plugin-principal.js';
import type { OperationDefinition } from '../../contract/operation.js';
import { isRawBody } from '../../contract/raw-body.js';
import type { Schema } from '../../contract/schema.js';
import { invalidRequest } from './broken-rules.js';
import { compiledShape } from './compiled-shape.js';
import { readJson } from './json-body.js';
import { isJson, isType, type AcceptsType } from './media-type.js';
import { readQuery } from './query-string.js';
import { admitBody, hasBody, passBytes, readBytes, refuseBody, type BodyLimits } from './request-body.js';
import { TextPart } from './text-part.js';
import { Findings, keyCheckOf, type KeyCheck } from './undeclared-keys.js';
import { validationOf, type Validate } from './validation.js';

/** What a handler is given of a request; parts that are not declared are not there. */
export interface Input {
  params?: unknown;
  query?: unknown;
  headers?: unknown;
  body?: unknown;
}

/** How the request of one operation is read: everything that can be known before the first one is worked out once. */
export class RequestReader {
  readonly #params: TextPart | undefined;
  readonly #query: TextPart | undefined;
  readonly #headers: TextPart | undefined;
  readonly #body: BodyReader | undefined;

  /** `countDropped` is told of keys that another plugin has sent without need. Throws where a schema is not understood. */
  constructor(operation: OperationDefinition, limits: BodyLimits, countDropped: (count: number) => void) {
    const { params, query, headers, body, maxBodySize = limits.maxSize } = operation;
    this.#params = params && new TextPart('params', params);
    this.#query = query && new TextPart('query', query);
    this.#headers = headers && new TextPart('headers', headers);
    if (isRawBody(body)) this.#body = new RawReader(isType(body.contentType), { maxSize: maxBodySize, gzip: false });
    else if (body) this.#body = new JsonReader(body, { ...limits, maxSize: maxBodySize }, countDropped);
  }

  /**
   * Reads and checks what is declared, and refuses what is not. A promise only where something has to be waited for.
   * Throws, or rejects with, an `HttpError`.
   */
  read(admitted: AdmittedRequest): Input | Promise<Input> {
    const { request } = admitted;
    const input: Input = {};
    let waits: Promise<unknown>[] | undefined;
    const take = (part: keyof Input, value: unknown): void => {
      if (value instanceof Promise) (waits ??= []).push(value.then(settled => (input[part] = settled)));
      else input[part] = value;
    };
    if (this.#params) take('params', this.#params.read(Object.entries(admitted.params)));
    const { url = '' } = request.req;
    if (this.#query || url.includes('?')) take('query', this.#readQuery(url));
    if (this.#headers) take('headers', this.#headers.readHeaders(request.req));
    if (!this.#body) refuseBody(request);
    else if (!waits) take('body', this.#body.read(admitted));
    return waits ? this.#wait(waits, input, admitted) : input;
  }

  /** A body is read only when everything else is as it should be. */
  async #wait(waits: readonly Promise<unknown>[], input: Input, admitted: AdmittedRequest): Promise<Input> {
    await Promise.all(waits);
    if (this.#body && !('body' in input)) input.body = await this.#body.read(admitted);
    return input;
  }

  #readQuery(url: string): unknown {
    const texts = readQuery(url);
    if (!texts) throw invalidRequest([{ pointer: '/query', rule: 'parameters' }]);
    if (this.#query) return this.#query.read(texts);
    if (texts.size > 0) throw invalidRequest([{ pointer: '/query', rule: 'undeclared' }]);
    return undefined;
  }
}

interface BodyReader {
  read(admitted: AdmittedRequest): unknown;
}

class JsonReader implements BodyReader {
  readonly #limits: BodyLimits;
  readonly #check: KeyCheck | undefined;
  readonly #validate: Validate;
  readonly #countDropped: (count: number) => void;

  constructor(schema: Schema, limits: BodyLimits, countDropped: (count: number) => void) {
    this.#limits = limits;
    this.#check = keyCheckOf(compiledShape(schema, 'input'));
    this.#validate = validationOf('body', schema);
    this.#countDropped = countDropped;
  }

  read(admitted: AdmittedRequest): unknown {
    const { request } = admitted;
    // A schema may do without a value, and then there need not be a body. Where it does not, 415 says what is missing.
    if (!hasBody(request.req) && request.req.headers['content-type'] === undefined) return this.#absent(admitted);
    admitBody(request, isJson, this.#limits);
    return readBytes(request, this.#limits).then(bytes => this.#accept(readJson(bytes), admitted));
  }

  #absent({ request }: AdmittedRequest): unknown {
    try {
      return this.#validate(undefined);
    } catch {
      return admitBody(request, isJson, this.#limits);
    }
  }

  #accept(value: unknown, { credentials }: AdmittedRequest): unknown {
    if (this.#check) {
      const findings = new Findings(isPlugin(credentials.principal));
      this.#check(value, findings);
      if (findings.dropped > 0) this.#countDropped(findings.dropped);
      if (findings.rules.length > 0) {
        throw invalidRequest(findings.rules.map(({ pointer, rule }) => ({ pointer: `/body${pointer}`, rule })));
      }
    }
    return this.#validate(value);
  }
}

class RawReader implements BodyReader {
  readonly #accepts: AcceptsType;
  readonly #limits: BodyLimits;

  constructor(accepts: AcceptsType, limits: BodyLimits) {
    this.#accepts = accepts;
    this.#limits = limits;
  }

  read({ request }: AdmittedRequest): unknown {
    admitBody(request, this.#accepts, this.#limits);
    return passBytes(request, this.#limits);
  }
}
