import { BackplaneError } from '../../errors/backplane-error.js';
import type { BrokenRow } from './outbox/outbox-event.js';

const inPlugin = (pluginId: string): string[] => [`in plugin '${pluginId}'`];

export function foreignTopic(pluginId: string, topic: string, owner: string): BackplaneError {
  return new BackplaneError({
    code: 'FOREIGN_TOPIC',
    message: `Topic '${topic}' belongs to plugin '${owner}', and plugin '${pluginId}' publishes to it`,
    path: inPlugin(pluginId),
    fix: `publish to a topic of '${pluginId}', or let '${owner}' publish: call it through its client.`,
  });
}

/** `what` follows the name of the topic, as `has a key that is too long`. */
export function invalidEvent(topic: string, what: string, fix: string, cause?: unknown): BackplaneError {
  return new BackplaneError({
    code: 'INVALID_EVENT',
    message: `An event of topic '${topic}' ${what}`,
    path: [`in topic '${topic}'`],
    fix,
    ...(cause !== undefined && { cause }),
  });
}

/** Whether it would be the same however often it is tried. */
export function isInvalidEvent(error: unknown): error is BackplaneError {
  return error instanceof BackplaneError && error.code === 'INVALID_EVENT';
}

/** `broken` is what row `seq` of the outbox of this database holds. */
export function brokenRow(database: string, seq: number | string, { id, topic, flaw }: BrokenRow): BackplaneError {
  const what = topic === undefined ? 'An event' : `An event of topic '${topic}'`;
  return new BackplaneError({
    code: 'BROKEN_OUTBOX_ROW',
    message: `${what} that a transaction has published ${flaw}`,
    path: [`in database '${database}'`, `-> row ${seq} of 'backplane_outbox'`],
    fix: `correct it in 'backplane_outbox_refused', where its id is '${id}', and insert it into 'backplane_outbox' again.`,
  });
}

export function eventsClosed(pluginId: string): BackplaneError {
  return new BackplaneError({
    code: 'EVENTS_CLOSED',
    message: `Plugin '${pluginId}' has stopped, and with it its events`,
    path: inPlugin(pluginId),
    fix: 'publish in shutdown() at the latest; what is in a transaction is published by the next start.',
  });
}

export function unreachable(server: string, cause: unknown): BackplaneError {
  return new BackplaneError({
    code: 'EVENTS_UNREACHABLE',
    message: `The transport of events (${server}) does not answer`,
    path: [`in configuration key 'backend.events'`],
    fix: `see to the error below; publish with { manager } what must not be lost meanwhile.`,
    cause,
  });
}

/** All of `packages` are needed. */
export function missingEventsPackage(transport: string, packages: readonly string[]): BackplaneError {
  return new BackplaneError({
    code: 'MISSING_EVENTS_PACKAGE',
    message: `Events are to travel by '${transport}', but nothing is installed that speaks to it`,
    path: [`in configuration key 'backend.events.transport'`],
    fix: `npm install ${packages.join(' ')}`,
  });
}

export function foreignTransaction(pluginId: string, topic: string): BackplaneError {
  return new BackplaneError({
    code: 'FOREIGN_TRANSACTION',
    message: `An event of topic '${topic}' is to be part of a transaction that is not of the database of plugin '${pluginId}'`,
    path: inPlugin(pluginId),
    fix: 'pass the manager that transaction() of the data source of DatabaseService gave.',
  });
}
