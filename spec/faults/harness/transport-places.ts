import type { JsonObject } from '../../../lib/api/config-service.js';
import { NatsPlace } from './nats.js';
import { PostgresPlace } from './postgres.js';
import { type ServerId, urlOf } from './servers.js';

/** Where the events of one test are, on a server that may be reached by another way, as that of a proxy. */
export interface TransportPlace extends AsyncDisposable {
  /** Of the server itself. */
  readonly url: string;
  /** A `backend.events` by way of this address, with short leases. */
  configBy(url: string): JsonObject;
}

export async function postgresPlace(): Promise<TransportPlace> {
  const place = await PostgresPlace.create();
  return {
    url: place.url,
    configBy: connection => ({ transport: 'postgres', connection, postgres: { lease: '1s', pollInterval: '100ms' } }),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

async function natsPlace(): Promise<TransportPlace> {
  const place = new NatsPlace();
  return {
    url: urlOf('nats').href,
    configBy: connection => place.configOf(connection),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

/** Each transport that has a server, and how to get a place there. */
export const transportPlaces: readonly (readonly [ServerId, () => Promise<TransportPlace>])[] = [
  ['postgres', postgresPlace],
  ['nats', natsPlace],
];
