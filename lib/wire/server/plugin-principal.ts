import type { Principal } from '../../api/credentials.js';

/** Whether it is another plugin that calls, for itself or for a user: it may have another version of the contract. */
export function isPlugin(principal: Principal): boolean {
  const caller = principal.type === 'user' ? principal.actor : principal;
  return caller?.type === 'service' && caller.subject.startsWith('plugin:');
}
