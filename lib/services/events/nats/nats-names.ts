import { createHash } from 'node:crypto';
import type { ConsumerGroup } from '../event-transport.js';

/** What an event without a key has in the place of one; no key is hashed to it. */
const noKey = '-';

/**
 * How streams, subjects and consumers of one deployment are called; whatever begins with another prefix is another's.
 *
 * The ids of plugins, topics and subscriptions are in kebab-case, so dots and underscores keep them apart.
 */
export class NatsNames {
  readonly prefix: string;
  /** The events that were taken back from the dead letters, for their group alone. */
  readonly again: string;
  readonly dead: string;
  /** How far each group is with each key. */
  readonly keys: string;

  constructor(prefix: string) {
    this.prefix = prefix;
    this.again = `${prefix}_again`;
    this.dead = `${prefix}_dead`;
    this.keys = `${prefix}_keys`;
  }

  streamOf(topic: string): string {
    return `${this.prefix}_topic_${topic.replace('.', '_')}`;
  }

  /** All events of a topic, or those of one key. */
  eventSubject(topic: string, token = '>'): string {
    return `${this.prefix}.topic.${topic}.${token}`;
  }

  consumerOf({ name }: ConsumerGroup): string {
    return name.replace('.', '_');
  }

  againConsumerOf({ name, topic }: ConsumerGroup): string {
    return `${topic.replace('.', '_')}__${name.replace('.', '_')}`;
  }

  againSubject({ name, topic }: ConsumerGroup, token = '>'): string {
    return `${this.prefix}.again.${topic}.${name}.${token}`;
  }

  deadSubject({ name, topic }: ConsumerGroup, token = '>'): string {
    return `${this.prefix}.dead.${topic}.${name}.${token}`;
  }

  /** Among the keys, whose stream keeps the last message of each subject. */
  get clockSubject(): string {
    return `${this.prefix}.key.clock`;
  }

  keySubject({ name, topic }: ConsumerGroup, token: string): string {
    return `${this.prefix}.key.${topic}.${name}.${token}`;
  }
}

/** What stands for a key in a subject, where most characters mean something. */
export function tokenOf(key: string | undefined): string {
  return key === undefined ? noKey : createHash('sha256').update(key).digest('base64url').slice(0, 32);
}

/** The token of a subject; `undefined` where the event has no key. */
export function keyTokenOf(subject: string): string | undefined {
  const token = subject.slice(subject.lastIndexOf('.') + 1);
  return token === noKey ? undefined : token;
}
