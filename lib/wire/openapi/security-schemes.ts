import { userCookieName } from '../../api/user-cookie-name.js';
import type { Allow } from '../../contract/allow.js';
import type { Json } from './subschemas.js';

/** How each kind of caller says who they are; their names are those of `allow`. */
export const securitySchemes: Json = {
  user: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The token of a user.',
  },
  service: {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of a plugin, or of a program outside of the backend.',
  },
  'user-cookie': {
    type: 'apiKey',
    in: 'cookie',
    name: userCookieName,
    description: 'The cookie that a plugin gives to the browser of a user.',
  },
};

/** Any of these opens the route; an empty list says that nobody is asked. */
export function securityOf(allow: Allow | undefined): Json[] {
  if (allow === 'unauthenticated') return [];
  // A route that nobody may call is not one that anybody may.
  const kinds = allow && allow.length > 0 ? allow : (['user', 'service'] as const);
  return kinds.map(kind => ({ [kind]: [] }));
}
