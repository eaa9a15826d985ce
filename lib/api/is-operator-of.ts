import type { Credentials } from './credentials.js';

/**
 * Whether these are credentials of an external service, or of the plugin itself: whoever may see and do with `pluginId`
 * what is neither for users nor for other plugins, which have tokens of services as well.
 */
export function isOperatorOf(pluginId: string, { principal }: Credentials): boolean {
  if (principal.type !== 'service') return false;
  return principal.subject.startsWith('external:') || principal.subject === `plugin:${pluginId}`;
}
