import type { AdmittedRequest } from '../../api/http-services.js';
import { isPlugin } from './plugin-principal.js';
import type { OperationDefinition } from '../../contract/operation.js';
import { isRawBody } from '../../contract/raw-body.js';
import type { Schema } from '../../contract/schema.js';
import { PayloadTooLargeError } from '../../errors/http-error.js';
import { isOptional } from '../is-optional.js';
import { MemoryRequest } from '../client/memory-request.js';
import { invalidRequest } from './broken-rules.js';
import { compiledShape } from './compiled-shape.js';
import type { QuickCheck } from './generated-check.js';
import { readJson } from './json-body.js';
import { isJson, isType, type AcceptsType } from './media-type.js';
import { readQuery } from './query-string.js';
import { admitBody, hasBody, passBytes, readBytes, refuseBody, type BodyLimits } from './request-body.js';
import { soundBodyOf } from './sound-body.js';
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

/** What is done with what was read; one function for all requests of an operation. */
type Use<R> = (admitted: AdmittedRequest, input: Input) => R | Promise<R>;

/** How the request of one operation is read: everything that can be known before the first one is worked out once. */
export class RequestReader {
  readonly #params: TextPart | undefined;
  readonly #query: TextPart | undefined;
  readonly #headers: TextPart | undefined;
  readonly #body: BodyReader | undefined;
  readonly #hasTexts: boolean;

  /** `countDropped` is told of keys that another plugin has sent without need. Throws where a schema is not understood. */
  constructor(operation: OperationDefinition, limits: BodyLimits, countDropped: (count: number) => void) {
    const { params, query, headers, body, maxBodySize = limits.maxSize } = operation;
    this.#params = params && new TextPart('params', params);
    this.#query = query && new TextPart('query', query);
    this.#headers = headers && new TextPart('headers', headers);
    this.#hasTexts = (params ?? query ?? headers) !== undefined;
    if (isRawBody(body)) this.#body = new RawReader(isType(body.contentType), { maxSize: maxBodySize, gzip: false });
    else if (body) this.#body = new JsonReader(body, { ...limits, maxSize: maxBodySize }, countDropped);
  }

  /**
   * Reads and checks what is declared, refuses what is not, and gives the rest to `use`. A promise only where something
   * has to be waited for. Throws, or rejects with, an `HttpError`.
   */
  read<R>(admitted: AdmittedRequest, use: Use<R>): R | Promise<R> {
    if (this.#hasTexts || admitted.request.req.url!.includes('?')) return this.#withTexts(admitted, use);
    return this.#withBody(admitted, {}, use);
  }

  #withTexts<R>(admitted: AdmittedRequest, use: Use<R>): R | Promise<R> {
    const { req } = admitted.request;
    const input: Input = {};
    let waits: Promise<unknown>[] | undefined;
    const take = (part: keyof Input, value: unknown): void => {
      if (value instanceof Promise) (waits ??= []).push(value.then(settled => (input[part] = settled)));
      else input[part] = value;
    };
    if (this.#params) take('params', this.#params.read(Object.entries(admitted.params)));
    if (this.#query || req.url!.includes('?')) take('query', this.#readQuery(req.url!));
    if (this.#headers) take('headers', this.#headers.readHeaders(req));
    // The body is read only when everything else is as it should be.
    if (waits) return Promise.all(waits).then(() => this.#withBody(admitted, input, use));
    return this.#withBody(admitted, input, use);
  }

  #withBody<R>(admitted: AdmittedRequest, input: Input, use: Use<R>): R | Promise<R> {
    if (this.#body) {
      return this.#body.read(admitted, body => {
        input.body = body;
        return use(admitted, input);
      });
    }
    refuseBody(admitted.request);
    return use(admitted, input);
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
  read<R>(admitted: AdmittedRequest, use: (body: unknown) => R | Promise<R>): R | Promise<R>;
}

class JsonReader implements BodyReader {
  readonly #limits: BodyLimits;
  readonly #check: KeyCheck | undefined;
  readonly #isSound: QuickCheck;
  readonly #validate: Validate;
  readonly #isOptional: boolean;
  readonly #countDropped: (count: number) => void;

  constructor(schema: Schema, limits: BodyLimits, countDropped: (count: number) => void) {
    this.#limits = limits;
    const shape = compiledShape(schema, 'input');
    this.#check = keyCheckOf(shape);
    this.#isSound = soundBodyOf(shape);
    this.#validate = validationOf('body', schema);
    this.#isOptional = isOptional(schema);
    this.#countDropped = countDropped;
  }

  read<R>(admitted: AdmittedRequest, use: (body: unknown) => R | Promise<R>): R | Promise<R> {
    const { request } = admitted;
    const { headers } = request.req;
    // A schema may do without a value, and then there need not be a body.
    if (this.#isOptional && headers['content-type'] === undefined && !hasBody(request.req)) return use(undefined);
    admitBody(request, isJson, this.#limits);
    const sent = request.req instanceof MemoryRequest ? request.req.takeJson() : undefined;
    if (sent && !sent.fits(this.#limits.maxSize)) throw new PayloadTooLargeError();
    if (sent) {
      if (!this.#isSound(sent.json)) this.#checkKeys(sent.json, admitted);
      return this.#use(sent.json, use);
    }
    return readBytes(request, this.#limits, bytes => {
      const { value, isSound } = readJson(bytes, this.#isSound);
      if (!isSound) this.#checkKeys(value, admitted);
      return this.#use(value, use);
    });
  }

  #use<R>(value: unknown, use: (body: unknown) => R | Promise<R>): R | Promise<R> {
    const body = this.#validate(value);
    return body instanceof Promise ? body.then(use) : use(body);
  }

  #checkKeys(value: unknown, { credentials }: AdmittedRequest): void {
    if (!this.#check) return;
    const findings = new Findings();
    this.#check(value, findings);
    if (findings.rules.length === 0) return;
    if (isPlugin(credentials.principal)) this.#countDropped(findings.drop());
    if (findings.rules.length === 0) return;
    throw invalidRequest(findings.rules.map(({ pointer, rule }) => ({ pointer: `/body${pointer}`, rule })));
  }
}

class RawReader implements BodyReader {
  readonly #accepts: AcceptsType;
  readonly #limits: BodyLimits;

  constructor(accepts: AcceptsType, limits: BodyLimits) {
    this.#accepts = accepts;
    this.#limits = limits;
  }

  read<R>({ request }: AdmittedRequest, use: (body: unknown) => R | Promise<R>): R | Promise<R> {
    admitBody(request, this.#accepts, this.#limits);
    return use(passBytes(request, this.#limits));
  }
}
