import { expect } from 'chai';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { readEventsSettings } from '../../../lib/services/events/events-settings.js';
import { openNats } from '../../../lib/services/events/nats/open-nats.js';
import { mockServices } from '../../../lib/testing/mock-services.js';

describe('a connection to NATS that is not open yet', () => {
  it('is no longer tried for once it is closed', async () => {
    // Lets nobody in.
    const server = createServer(socket => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const events = { transport: 'nats', connection: `nats://127.0.0.1:${port}` };
    const { nats } = readEventsSettings(mockServices.rootConfig({ data: { backend: { events } } }));
    let isClosed = false;

    const opening = openNats(nats!, 'test', {
      isClosed: () => isClosed,
      onReconnect: () => {},
      logger: mockServices.rootLogger(),
    });
    const failure = opening.catch((error: unknown) => error);
    for (let tries = 0; tries < 2; tries++) await once(server, 'connection');
    isClosed = true;

    expect(await failure).to.have.property('message', 'The connection to NATS is closed');
    await once(server.close(), 'close');
  });
});
