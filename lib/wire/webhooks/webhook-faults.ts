import type { WebhookAnnotation } from '../../../decorators/webhook.js';
import type { Config } from '../../api/config-service.js';
import type { HmacSignature, StaticToken } from '../../api/webhook-validators.js';
import { isTopic } from '../../contract/define-topic.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import type { Problem } from '../../errors/problem.js';
import { parseDuration } from '../../util/duration.js';
import { isTimer, longestTimer } from '../../contract/timer.js';
import { unknownOptions } from '../../util/unknown-option.js';
import { readSecrets } from './webhook-secrets.js';

/** Whose webhook it is, and the configuration that holds its secrets. */
export interface WebhookOwner {
  readonly pluginId: string;
  /** What the plugin may read besides its own key. */
  readonly configKeys: readonly string[];
  readonly config: Config;
}

type Fault = Omit<Problem, 'path'> & { readonly path?: readonly string[] };
type Loose<T> = { readonly [K in keyof T]?: unknown };

/** What is wrong with a webhook, so that none is open that its author believes to be shut. */
export function webhookFaults(options: unknown, owner: WebhookOwner): Fault[] {
  const webhook = (options ?? {}) as Loose<WebhookAnnotation>;
  return [
    ...topicFaults(webhook.topic, owner),
    ...unknownFaults(webhook),
    ...optionFaults(webhook),
    ...validatorFaults(webhook.validator, owner),
  ];
}

const said = ['topic', 'validator', 'headers', 'key', 'once', 'remember', 'contentTypes', 'maxBodySize', 'timeout'];

function unknownFaults(webhook: Loose<WebhookAnnotation>): Fault[] {
  const { method: _, path: __, allow: ___, overwritten = [], ...written } = webhook;
  const strange = Object.fromEntries((overwritten as string[]).map(option => [option, true]));
  return unknownOptions({ ...written, ...strange }, said).map(({ option, fix }) => ({
    code: 'INVALID_OPTION',
    message: `Option '${option}' of a webhook means nothing`,
    fix,
  }));
}

function topicFaults(topic: unknown, { pluginId }: WebhookOwner): Fault[] {
  if (!isTopic(topic)) return [invalid('topic', 'what defineTopic() gives')];
  const { name, pluginId: ownerId } = topic;
  if (ownerId === pluginId) return [];
  const message = `Topic '${name}' belongs to plugin '${ownerId}', and a webhook of plugin '${pluginId}' publishes to it`;
  return [
    { code: 'FOREIGN_TOPIC', message, fix: `publish a topic of '${pluginId}', or move the webhook to '${ownerId}'.` },
  ];
}

function optionFaults({
  once,
  remember,
  headers,
  contentTypes,
  maxBodySize,
  timeout,
}: Loose<WebhookAnnotation>): Fault[] {
  const header = typeof once === 'object' && once !== null ? (once as { header?: unknown }).header : undefined;
  return [
    ...(once === undefined || once === 'body' || isHeader(header) ? [] : [invalid('once', `'body' or { header }`)]),
    ...(remember === undefined || isSpan(remember) ? [] : [invalid('remember', `a duration, as '1d'`)]),
    ...(headers === undefined || isListOf(headers, isHeader) ? [] : [invalid('headers', 'a list of header names')]),
    ...(contentTypes === undefined || isListOf(contentTypes, isContentType)
      ? []
      : [invalid('contentTypes', `a list as ['application/json']`)]),
    ...(maxBodySize === undefined || isPositive(maxBodySize) ? [] : [invalid('maxBodySize', 'a number of bytes')]),
    ...(timeout === undefined || isTimer(timeout)
      ? []
      : [invalid('timeout', `a number of ms, at most ${longestTimer}`)]),
  ];
}

function validatorFaults(validator: unknown, owner: WebhookOwner): Fault[] {
  if (validator === undefined || validator === null) {
    const message = 'A webhook does not say how its sender is proven, so anybody could publish';
    const fix = `write validator: githubSignature({ secret: '${owner.pluginId}.webhookSecret' }) or its like, or validator: 'none' where everybody may send.`;
    return [{ code: 'WEBHOOK_WITHOUT_VALIDATOR', message, fix }];
  }
  if (validator === 'none' || typeof validator === 'function') return [];
  const { type } = validator as Loose<HmacSignature | StaticToken>;
  if (type !== 'hmac-sha256' && type !== 'token') {
    return [invalid('validator', `what hmacSignature() or its like gives, a function, or 'none'`)];
  }
  const faults = type === 'token' ? tokenFaults(validator) : hmacFaults(validator);
  return [...faults, ...secretFaults((validator as Loose<StaticToken>).secret, owner)];
}

function tokenFaults({ header }: Loose<StaticToken>): Fault[] {
  return isHeader(header) ? [] : [invalid('header', 'the name of a header')];
}

function hmacFaults(validator: Loose<HmacSignature>): Fault[] {
  const { signed = '{body}', timestamp, tolerance, encoding = 'hex', field } = validator;
  const names = typeof signed === 'string' ? [...signed.matchAll(/\{([\w-]+)\}/g)].map(([, name]) => name) : [];
  const isTimed = timestamp !== undefined;
  return [
    ...tokenFaults(validator),
    ...(encoding === 'hex' || encoding === 'base64' ? [] : [invalid('encoding', `'hex' or 'base64'`)]),
    ...(field === undefined || isHeader(field) ? [] : [invalid('field', 'the name of a field')]),
    ...(!isTimed || isHeader(timestamp) ? [] : [invalid('timestamp', 'the name of a header or field')]),
    ...(tolerance === undefined || isSpan(tolerance) ? [] : [invalid('tolerance', `a duration, as '5m'`)]),
    ...(names.includes('body') ? [] : [invalid('signed', `a text with '{body}' in it: else any body would do`)]),
    ...(isTimed === names.includes('timestamp')
      ? []
      : [invalid('signed', `a text with '{timestamp}' in it where there is a 'timestamp', and only there`)]),
  ];
}

/** As `other-plugin.webhookSecret`. */
const foreignKey = /^[a-z][a-z0-9-]{0,62}(?:\.[a-zA-Z][a-zA-Z0-9-]{0,39})+$/;

function secretFaults(key: unknown, { pluginId, configKeys, config }: WebhookOwner): Fault[] {
  const open = [pluginId, ...configKeys];
  const isOwn = typeof key === 'string' && open.some(prefix => key === prefix || key.startsWith(`${prefix}.`));
  // What does not look like a key may be the secret itself, which nobody is to read in a log.
  if (typeof key !== 'string' || !(isOwn || foreignKey.test(key))) {
    const message = `Option 'secret' of a webhook is not a key of the configuration`;
    const fix = `write where the secret is, as '${pluginId}.webhookSecret', and the secret itself there: the configuration takes it from a file or the environment.`;
    return [{ code: 'INVALID_OPTION', message, fix }];
  }
  if (!isOwn) {
    const message = `A webhook of plugin '${pluginId}' reads configuration '${key}', which the plugin does not declare`;
    const fix = `keep the secret below '${pluginId}', or write config: ['${key}'] in @Plugin.`;
    return [{ code: 'FOREIGN_CONFIG', message, fix }];
  }
  try {
    readSecrets(config, key);
    return [];
  } catch (error) {
    if (!(error instanceof BackplaneError)) throw error;
    return [error.problem];
  }
}

function invalid(option: string, expected: string): Fault {
  return {
    code: 'INVALID_OPTION',
    message: `Option '${option}' of a webhook is not ${expected}`,
    fix: `write ${expected}; where it is imported, two modules may import each other.`,
  };
}

function isHeader(name: unknown): boolean {
  return typeof name === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(name);
}

function isContentType(type: unknown): boolean {
  return typeof type === 'string' && /^[\w.+-]+\/[\w.+-]+$/.test(type);
}

function isSpan(value: unknown): boolean {
  return (parseDuration(value) ?? 0) > 0;
}

function isPositive(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isListOf(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}
