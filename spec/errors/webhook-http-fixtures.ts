import { BackplaneError } from '../../lib/errors/backplane-error.js';
import { githubSignature, slackSignature } from '../../lib/api/webhook-validators.js';
import { hmacOf, WebhookFixture, type HookOptions, type Sent } from '../wire/webhooks/webhook-fixture.js';

const github: HookOptions = { validator: githubSignature({ secret: 'hooks.secret' }) };
const slack: HookOptions = { validator: slackSignature({ secret: 'hooks.secret' }) };

/** What a webhook answers to a request, or where publishing fails. */
export function hooked(options: HookOptions, sent: Sent, failure?: unknown): () => Promise<string> {
  return async () => {
    await using hooks = await WebhookFixture.start(options);
    hooks.events.failure = failure;
    const { status, text } = await hooks.send(sent);
    return `HTTP/1.1 ${status}\r\n\r\n${text}`;
  };
}

const body = '{"ref":"main"}';
const signed = { body, headers: { 'x-hub-signature-256': `sha256=${hmacOf(body)}` } };
const invalid = new BackplaneError({ code: 'INVALID_EVENT', message: 'none', path: [], fix: 'none' });
const old = { 'x-slack-request-timestamp': '1531420618', 'x-slack-signature': `v0=${hmacOf('')}` };
const form = 'application/x-www-form-urlencoded';
const twice = { body: 'a=1&a=2', headers: { 'content-type': form } };

export const webhookHttpFixtures = [
  { code: 'missing_signature', status: 401, ask: hooked(github, {}) },
  { code: 'bad_signature', status: 403, ask: hooked(github, { ...signed, body: '{}' }) },
  { code: 'signature_expired', status: 403, ask: hooked(slack, { headers: old }) },
  { code: 'bad_header', status: 400, ask: hooked({ ...github, once: { header: 'x-github-delivery' } }, signed) },
  { code: 'invalid_form', status: 400, ask: hooked({ validator: 'none', contentTypes: [form] }, twice) },
  { code: 'invalid_event', status: 400, ask: hooked(github, signed, invalid) },
  { code: 'event_not_accepted', status: 503, ask: hooked(github, signed, new Error('hunter2')) },
];
