import { cachesOn } from './cache-suite.js';

cachesOn('in memory', async () => ({ config: {}, [Symbol.asyncDispose]: async () => {} }));
