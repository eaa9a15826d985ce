import { ForbiddenError } from '../errors/http-error.js';
import type { Credentials } from './credentials.js';

/**
 * Whether these are credentials of an external service, or of the plugin itself: whoever may see and do with `pluginId`
 * what is neither for users nor for other plugins, which have tokens of services as well. A token with few permissions at
 * the plugin is not an operator's: none of them can be for this.
 */
export function isOperatorOf(pluginId: string, credentials: Credentials): boolean {
  const { principal } = credentials;
  if (principal.type !== 'service') return false;
  return isOutside(credentials)
    ? !hasFewPermissions(pluginId, credentials)
    : principal.subject === `plugin:${pluginId}`;
}

/** The error for a service that is none, which says `message` to another plugin. */
export function noOperator(credentials: Credentials, message: string): ForbiddenError {
  return isOutside(credentials)
    ? new ForbiddenError('This token must not be used here', { code: 'restricted_token' })
    : new ForbiddenError(message, { code: 'foreign_plugin' });
}

function isOutside({ principal }: Credentials): boolean {
  return principal.type === 'service' && principal.subject.startsWith('external:');
}

function hasFewPermissions(pluginId: string, { principal }: Credentials): boolean {
  const restrictions = principal.type === 'service' ? principal.accessRestrictions : undefined;
  return (
    restrictions?.some(({ plugin, permissions, actions }) => plugin === pluginId && (permissions || actions)) ?? false
  );
}
