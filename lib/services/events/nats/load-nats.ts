import { BackplaneError } from '../../../errors/backplane-error.js';

export interface NatsLibrary {
  readonly transport: typeof import('@nats-io/transport-node');
  readonly jetstream: typeof import('@nats-io/jetstream');
}

/** The client of NATS, which only those backends load that say so. */
export async function loadNats(): Promise<NatsLibrary> {
  try {
    const [transport, jetstream] = await Promise.all([import('@nats-io/transport-node'), import('@nats-io/jetstream')]);
    return { transport, jetstream };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new BackplaneError({
      code: 'MISSING_EVENTS_PACKAGE',
      message: 'Events are to travel by NATS, but nothing is installed that speaks to it',
      path: [`in configuration key 'backend.events.transport'`],
      fix: 'npm install @nats-io/transport-node @nats-io/jetstream',
    });
  }
}
