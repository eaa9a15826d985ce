import { missingEventsPackage } from '../events-errors.js';

export interface NatsLibrary {
  readonly transport: typeof import('@nats-io/transport-node');
  readonly jetstream: typeof import('@nats-io/jetstream');
}

/** The client of NATS, which only those backends load that say so. Rejects with `MISSING_EVENTS_PACKAGE`. */
export async function loadNats(): Promise<NatsLibrary> {
  try {
    const [transport, jetstream] = await Promise.all([import('@nats-io/transport-node'), import('@nats-io/jetstream')]);
    return { transport, jetstream };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw missingEventsPackage('nats', ['@nats-io/transport-node', '@nats-io/jetstream']);
  }
}
