import { setTimeout as delay } from 'node:timers/promises';

// Imported in front of a server that is started with --expose-gc; tells its memory when the parent asks.
process.on('message', async () => {
  for (let collection = 0; collection < 4; collection += 1) {
    global.gc();
    await delay(25);
  }
  const { heapUsed, rss } = process.memoryUsage();
  process.send({ heapUsed, rss });
});
