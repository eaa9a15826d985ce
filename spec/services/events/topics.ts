import { z } from 'zod';
import { defineTopic } from '../../../lib/contract/define-topic.js';

export const payload = z.object({ name: z.string(), count: z.number().default(0) });
export const changed = defineTopic({ pluginId: 'store', id: 'changed', payload });
export const secret = defineTopic({ pluginId: 'store', id: 'secret', payload, private: true });
