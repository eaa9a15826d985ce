import { ContractError } from './contract-error.js';
import type { InputOf, OutputOf, Schema } from './schema.js';
import { topicProblems } from './topic-problems.js';

/** Under which a topic keeps what it is; found by every copy of this package. */
export const topicKey: unique symbol = Symbol.for('backplane.topic') as never;

export interface TopicDeclaration<S extends Schema = Schema> {
  /** The plugin that owns the topic: only it and its modules publish. */
  readonly pluginId: string;
  /** Names the topic within its plugin, in kebab-case. */
  readonly id: string;
  /**
   * What its events carry: plain JSON. The schema has to take what it gives, since publisher and subscribers each check
   * by it.
   */
  readonly payload: S;
  /** Whether only the plugin itself and its modules may subscribe. Default `false`. */
  readonly private?: boolean;
}

/** A topic: what its events carry, and whose they are. */
export interface Topic<S extends Schema = Schema> extends Required<TopicDeclaration<S>> {
  /** `<pluginId>.<id>`. */
  readonly name: string;
  readonly [topicKey]: true;
}

/** What a publisher may give. */
export type PayloadInputOf<T extends Topic> = InputOf<T['payload']>;

/** What subscribers get. */
export type PayloadOf<T extends Topic> = OutputOf<T['payload']>;

/**
 * Declares a topic of a plugin: the contract of those who publish its events and those who subscribe to them.
 *
 * Throws a `ContractError` with code `INVALID_TOPIC` that lists everything that is wrong with it.
 *
 * @example
 * export const entityChanged = defineTopic({ pluginId: 'catalog', id: 'entity-changed', payload: EntityRef });
 */
export function defineTopic<S extends Schema>(declaration: TopicDeclaration<S>): Topic<S> {
  const [first, ...others] = topicProblems(declaration);
  if (first) throw new ContractError([first, ...others], defineTopic);
  const { pluginId, id, payload, private: isPrivate = false } = declaration;
  const name = `${pluginId}.${id}`;
  return Object.freeze({ pluginId, id, payload, private: isPrivate, name, [topicKey]: true as const });
}

/** Whether `value` is what `defineTopic()` gave, of whichever copy of this package. */
export function isTopic(value: unknown): value is Topic {
  if (typeof value !== 'object' || value === null) return false;
  const { pluginId, id, name, [topicKey]: isMarked } = value as Partial<Topic>;
  // Whoever changes a copy of one changes nothing about whose events those of that name are.
  return isMarked === true && name === `${pluginId}.${id}`;
}
