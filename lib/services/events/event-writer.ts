import { randomUUID } from 'node:crypto';
import { currentAccount } from '../../api/attribution.js';
import type { PublishOptions } from '../../api/events-service.js';
import { isTopic, type Topic } from '../../contract/define-topic.js';
import { writePayload } from './event-payload.js';
import type { EventRecord } from './event-transport.js';
import { foreignTopic, invalidEvent } from './events-errors.js';
import { soundPublication } from './sound-publication.js';

/** Makes events of what one plugin publishes. */
export class EventWriter {
  readonly #pluginId: string;
  readonly #maxSize: number;
  readonly #activeTrace: () => Readonly<Record<string, string>>;
  /** By topic, what is still being checked by schemas that take their time: what comes later comes after. */
  readonly #checking = new Map<string, Promise<unknown>>();

  /** `activeTrace` gives the span in which its caller runs, as metadata. */
  constructor(pluginId: string, maxSize: number, activeTrace: () => Readonly<Record<string, string>>) {
    this.#pluginId = pluginId;
    this.#maxSize = maxSize;
    this.#activeTrace = activeTrace;
  }

  /**
   * Throws, or rejects with, `FOREIGN_TOPIC` or `INVALID_EVENT`. A promise only where a schema takes its time: whoever
   * does not wait for one publication before the next is served in order.
   */
  write(topic: Topic, payload: unknown, options: PublishOptions): EventRecord | Promise<EventRecord> {
    if (!isTopic(topic)) {
      const fix = 'name what defineTopic() gave; where it is imported, two modules may import each other.';
      throw invalidEvent(String(topic), 'is of no topic', fix);
    }
    const { name, pluginId, private: isPrivate } = topic;
    if (pluginId !== this.#pluginId) throw foreignTopic(this.#pluginId, name, pluginId);
    const { key, metadata } = soundPublication(name, options);
    const record = {
      id: randomUUID(),
      topic: name,
      source: pluginId,
      isPrivate,
      ...(key !== undefined && { key }),
      metadata: { ...metadata, ...requestTrace(), ...this.#activeTrace() },
      publishedAt: Date.now(),
    };
    const written = this.#inTurn(topic, payload);
    if (typeof written === 'string') return this.#complete(record, written);
    return written.then(text => this.#complete(record, text));
  }

  #inTurn(topic: Topic, payload: unknown): string | Promise<string> {
    const earlier = this.#checking.get(topic.name);
    const written = earlier ? earlier.then(() => writePayload(topic, payload)) : writePayload(topic, payload);
    if (typeof written === 'string') return written;
    const checked = written
      .catch(() => {})
      .then(() => {
        if (this.#checking.get(topic.name) === checked) this.#checking.delete(topic.name);
      });
    this.#checking.set(topic.name, checked);
    return written;
  }

  #complete(record: Omit<EventRecord, 'payload'>, payload: string): EventRecord {
    const size = Buffer.byteLength(payload) + Buffer.byteLength(JSON.stringify(record.metadata));
    if (size <= this.#maxSize) return { ...record, payload };
    const fix = `publish where to get it instead, or raise backend.events.maxEventSize.`;
    throw invalidEvent(record.topic, `has ${size} bytes, and ${this.#maxSize} are allowed`, fix);
  }
}

/** Of the request, or the event, that is being handled, whether anybody traces or not. */
function requestTrace(): Record<string, string> {
  const { traceparent, tracestate } = currentAccount()?.request ?? {};
  if (traceparent === undefined) return {};
  return { traceparent, ...(tracestate !== undefined && { tracestate }) };
}
