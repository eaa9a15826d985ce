import { eventsOn } from './events-suite.js';

eventsOn('memory', async () => ({ config: {}, [Symbol.asyncDispose]: async () => {} }), { isShared: false });
