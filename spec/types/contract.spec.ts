import { expect } from 'chai';
import { z } from 'zod';
import {
  del,
  defineApi,
  get,
  post,
  put,
  raw,
  type ClientRequestOf,
  type ClientResponseOf,
  type ErrorsOf,
  type RequestOf,
  type ResponseOf,
} from '../../lib/contract/index.js';
import type { Nothing } from '../../lib/contract/request-of.js';

const Entity = z.object({ name: z.string(), stars: z.number().default(0) });

const catalogApi = defineApi({
  pluginId: 'catalog',
  operations: {
    getEntity: get('/entities/:kind/:name', {
      allow: 'unauthenticated',
      params: z.object({ kind: z.string(), name: z.string() }),
      response: Entity,
      errors: {
        unknown_entity: { status: 404, details: z.object({ similar: z.array(z.string()) }) },
        hidden_entity: { status: 403 },
      },
    }),
    list: get('/entities', { query: z.object({ limit: z.number().default(10), tag: z.string().optional() }) }),
    add: post('/entities', {
      body: Entity,
      responses: { 201: Entity, 202: z.object({ job: z.string() }), 204: null },
    }),
    watch: get('/events', { stream: z.object({ name: z.string() }) }),
    putIcon: put('/icons/:name', { params: z.object({ name: z.string() }), body: raw('image/png') }),
    getIcon: get('/icons/:name', { params: z.object({ name: z.string() }), response: raw('image/png') }),
    remove: del('/entities', {}),
    ping: get('/ping'),
  },
});

/** Whether the two types are one, and not only as good as each other. */
// oxlint-disable typescript/no-unnecessary-type-parameters -- The compiler compares two functions by what they make of any T.
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
// oxlint-enable typescript/no-unnecessary-type-parameters

/** Compiles only where the two types are one. */
function same<A, B>(..._: Same<A, B> extends true ? [] : [never]): void {}
type Ops = typeof catalogApi;

describe('the types of defineApi()', () => {
  it('give a handler what it receives', () => {
    same<RequestOf<Ops['getEntity']>, { readonly params: { kind: string; name: string } }>();
    same<RequestOf<Ops['list']>, { readonly query: { limit: number; tag?: string | undefined } }>();
    same<RequestOf<Ops['add']>, { readonly body: { name: string; stars: number } }>();
    same<RequestOf<Ops['putIcon']>['body'], AsyncIterable<Uint8Array>>();
    same<RequestOf<Ops['ping']>, Readonly<Record<string, never>>>();
    same<Nothing extends ClientRequestOf<Ops['ping']> ? true : false, true>();

    expect(catalogApi.getEntity.name).to.equal('getEntity');
  });

  it('give a client what it sends, with what may be left out', () => {
    same<
      NonNullable<ClientRequestOf<Ops['list']>['query']>,
      { limit?: number | undefined; tag?: string | undefined }
    >();
    same<Nothing extends ClientRequestOf<Ops['list']> ? true : false, true>();
    same<Nothing extends ClientRequestOf<Ops['add']> ? true : false, false>();
    same<ClientRequestOf<Ops['add']>, { readonly body: { name: string; stars?: number | undefined } }>();
    same<ClientRequestOf<Ops['putIcon']>['body'], Uint8Array | AsyncIterable<Uint8Array>>();
  });

  it('give both what is answered', () => {
    same<ResponseOf<Ops['getEntity']>, { name: string; stars: number }>();
    same<
      ResponseOf<Ops['add']>,
      | { readonly status: 201; readonly body: { name: string; stars: number } }
      | { readonly status: 202; readonly body: { job: string } }
      | { readonly status: 204; readonly body?: undefined }
    >();
    same<ResponseOf<Ops['watch']>, AsyncIterable<{ name: string }>>();
    same<ResponseOf<Ops['getIcon']>, Uint8Array | AsyncIterable<Uint8Array>>();
    same<ClientResponseOf<Ops['getIcon']>, AsyncIterable<Uint8Array>>();
    same<ResponseOf<Ops['ping']>, void>();
    same<
      ErrorsOf<Ops['getEntity']>,
      | { readonly code: 'unknown_entity'; readonly status: 404; readonly details: { similar: string[] } }
      | { readonly code: 'hidden_entity'; readonly status: 403; readonly details: undefined }
    >();
    same<ErrorsOf<Ops['ping']>, never>();
  });
});
