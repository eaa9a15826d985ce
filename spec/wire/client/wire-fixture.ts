import { z } from 'zod';
import { defineApi, get, post } from '../../../lib/contract/index.js';

const Anything = z.unknown();

/** What the plugin `mirror` answers: what it was sent. */
export const mirrorApi = defineApi({
  pluginId: 'mirror',
  operations: {
    reflect: post('/reflect', { body: z.object({ value: Anything }), response: z.object({ value: Anything }) }),
    greet: get('/greet/:name', { allow: 'unauthenticated', params: z.object({ name: z.string() }), response: Anything }),
    onlyUsers: get('/users', { allow: ['user'], response: Anything }),
  },
});
