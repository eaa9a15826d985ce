import type { EventTransport, TransportSurroundings } from './event-transport.js';
import type { EventsSettings } from './events-settings.js';
import { MemoryTransport } from './memory-transport.js';

/**
 * The transport that configuration names. Others than memory are loaded only now, and connect in the background: a server
 * that is away keeps no backend from starting.
 */
export async function openTransport(
  settings: EventsSettings,
  surroundings: TransportSurroundings,
): Promise<EventTransport> {
  const { postgres, nats } = settings;
  if (postgres) {
    const { openPostgresTransport } = await import('./postgres/postgres-transport.js');
    return openPostgresTransport(postgres, surroundings);
  }
  if (nats) {
    const { openNatsTransport } = await import('./nats/nats-transport.js');
    return openNatsTransport(nats, surroundings);
  }
  return new MemoryTransport(settings.memory, surroundings);
}
