import { isTopic } from '../contract/define-topic.js';
import { isPlainId, longestId } from '../contract/plain-id.js';
import type { Problem } from '../errors/problem.js';
import { parseDuration } from '../util/duration.js';
import { unknownOptions } from '../util/unknown-option.js';

/** As it is written, before anybody has looked at it. */
export interface GivenSubscription {
  readonly topic: unknown;
  readonly options: unknown;
}

type Fault = Omit<Problem, 'path'>;
type Form = readonly [expected: string, fits: (value: unknown) => boolean];

const longestTimeout = 86_400_000;

const forms: Readonly<Record<string, Form>> = {
  concurrency: ['a whole number from 1 to 1,000', value => isCount(value, 1_000)],
  maxAttempts: ['a whole number from 1 to 1,000', value => isCount(value, 1_000)],
  timeout: [`a duration of at most a day, as '30s'`, isTimeout],
};

/** Everything that is wrong with a subscription of the plugin `pluginId`, or of one of its modules. */
export function subscriptionFaults(pluginId: string, { topic, options }: GivenSubscription): Fault[] {
  return [...topicFaults(pluginId, topic), ...optionFaults(options)];
}

function* topicFaults(pluginId: string, topic: unknown): Iterable<Fault> {
  if (!isTopic(topic)) {
    yield invalid(
      'What is subscribed to is not a topic',
      'name what defineTopic() gave, as entityChanged; where it is imported, two modules may import each other.',
    );
  } else if (topic.private && topic.pluginId !== pluginId) {
    yield {
      code: 'FOREIGN_TOPIC',
      message: `Topic '${topic.name}' is private to plugin '${topic.pluginId}', and plugin '${pluginId}' subscribes to it`,
      fix: `subscribe in plugin '${topic.pluginId}' or in one of its modules, or let the topic not be private.`,
    };
  }
}

function* optionFaults(options: unknown): Iterable<Fault> {
  const { id, ...others } = (options ?? {}) as Record<string, unknown>;
  if (!isPlainId(id)) {
    const what = typeof id === 'string' ? `has the id '${id}', which is not valid` : 'has no id';
    yield invalid(
      `A subscription ${what}`,
      `name its consumer group in kebab-case, ${longestId} characters at most, as { id: 'index' }.`,
    );
  }
  for (const { option, fix } of unknownOptions(others, ['id', ...Object.keys(forms)])) {
    yield invalid(`A subscription has an option '${option}', which means nothing`, fix);
  }
  for (const [name, value] of Object.entries(others)) {
    const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
    if (form && value !== undefined && !form[1](value)) {
      yield invalid(`Option '${name}' of a subscription is not what it has to be`, `write ${form[0]}.`);
    }
  }
}

function invalid(message: string, fix: string): Fault {
  return { code: 'INVALID_SUBSCRIPTION', message, fix };
}

function isCount(value: unknown, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most;
}

function isTimeout(value: unknown): boolean {
  const ms = parseDuration(value);
  return ms !== undefined && ms >= 1 && ms <= longestTimeout;
}
