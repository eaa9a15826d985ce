import type { IncomingMessage } from 'node:http';
import { currentAccount } from '../../api/attribution.js';
import { tellAllOnAccount } from './tell-on-account.js';

type Listener = Parameters<IncomingMessage['on']>[1];

/**
 * Has `req` tell its listeners what happens on the account of the plugin that has added them. Node tells them where the
 * connection brings it, on nobody's: one that throws at a part of the body that came late would end the process.
 *
 * Only those that are handed to plugins: most are read by the framework, and each property costs.
 */
export function hearOnAccount(req: IncomingMessage): void {
  // once() comes to the first of these as well, and prependOnceListener() to the last.
  Object.assign(req, { on, addListener: on, prependListener });
}

function on(this: IncomingMessage, event: string | symbol, listener: Listener): IncomingMessage {
  hear(this);
  return inheritedOf(this).on.call(this, event as string, listener);
}

function prependListener(this: IncomingMessage, event: string | symbol, listener: Listener): IncomingMessage {
  hear(this);
  return inheritedOf(this).prependListener.call(this, event as string, listener);
}

function hear(req: IncomingMessage): void {
  const account = Object.hasOwn(req, 'emit') ? undefined : currentAccount();
  if (account) tellAllOnAccount(req, account);
}

function inheritedOf(req: IncomingMessage): Pick<IncomingMessage, 'on' | 'prependListener'> {
  return Object.getPrototypeOf(req) as IncomingMessage;
}
