import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** How long to wait, in ms, before a port that is not open yet is tried again. */
const refusedDelay = 2;

/**
 * How long to wait, in ms, before a server that answered something else is asked again. Longer, since such an answer
 * costs the server time in which it would start.
 */
const otherAnswerDelay = 20;

/** Resolves once `url` answers with `expected`, and asks until then; rejects when `signal` aborts. */
export async function firstAnswer(url, expected, signal) {
  for (;;) {
    const answer = await ask(url, signal);
    if (answer?.status === 200 && answer.text === expected) return;
    signal.throwIfAborted();
    await delay(answer ? otherAnswerDelay : refusedDelay);
  }
}

/** What `url` answers; `undefined` where there is no answer. */
export function ask(url, signal) {
  return new Promise(resolve => {
    const request = get(url, { agent: false, signal }, response => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', chunk => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, text }));
      response.on('error', () => resolve(undefined));
    });
    request.on('error', () => resolve(undefined));
  });
}
