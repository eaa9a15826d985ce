import { expect } from 'chai';
import { configProblems } from '../../../lib/api/config-problems.js';
import type { JsonObject, JsonValue } from '../../../lib/api/config-service.js';
import { readEventsSettings } from '../../../lib/services/events/events-settings.js';
import { mockServices } from '../../../lib/testing/mock-services.js';

const configOf = (events: JsonObject) =>
  mockServices.rootConfig({ data: { backend: { events: { transport: 'nats', ...events } } } });
const read = (connection: JsonValue, nats: JsonObject = {}) => readEventsSettings(configOf({ connection, nats })).nats!;
const problemsIn = (events: JsonObject): string[] =>
  configProblems(configOf(events), readEventsSettings).map(({ message, fix }) => `${message}; ${fix}`);

describe('backend.events for NATS', () => {
  it('has defaults for everything but the server', () => {
    expect(read('nats://queue.acme.test')).to.deep.equal({
      servers: ['queue.acme.test:4222'],
      tls: false,
      login: {},
      prefix: 'backplane',
      replicas: 1,
      storage: 'file',
      retention: 604_800_000,
      publishTimeout: 10_000,
      maxBytes: undefined,
      lease: 10_000,
    });
  });

  it('takes the login out of the address, so that no address has it', () => {
    expect(read('nats://ada:p%40ss@queue.acme.test:4333')).to.deep.include({
      servers: ['queue.acme.test:4333'],
      login: { user: 'ada', pass: 'p@ss' },
    });
    expect(read('nats://t0ken@queue.acme.test')).to.deep.include({ login: { token: 't0ken' } });
  });

  it('takes several servers, with TLS and a login of their own', () => {
    const connection = { servers: ['tls://one', 'two:4333'], user: 'ada', password: 'secret' };

    expect(read(connection)).to.deep.include({
      servers: ['one:4222', 'two:4333'],
      tls: true,
      login: { user: 'ada', pass: 'secret' },
    });
  });

  for (const [what, events, expected] of [
    ['no server', {}, `'backend.events.connection' is not set`],
    ['an address of something else', { connection: 'http://ada:hunter2@a' }, 'is no address of a NATS server'],
    ['an address with a path', { connection: 'nats://a/b' }, 'is no address of a NATS server'],
    ['no servers', { connection: { servers: [] } }, `'backend.events.connection.servers' is empty`],
    [
      'a misspelt key',
      { connection: { servers: 'a', pass: 'hunter2' } },
      `'backend.events.connection.pass' is not known`,
    ],
    ['a prefix with a dot', { connection: 'a', nats: { prefix: 'a.b' } }, `'backend.events.nats.prefix' is 'a.b'`],
    ['a prefix with an underscore', { connection: 'a', nats: { prefix: 'a_b' } }, `is 'a_b'`],
    ['six replicas', { connection: 'a', nats: { replicas: 6 } }, `'backend.events.nats.replicas' is 6`],
    ['another storage', { connection: 'a', nats: { storage: 'tape' } }, `'backend.events.nats.storage' is 'tape'`],
    ['no time to keep events', { connection: 'a', retention: 0 }, `'backend.events.retention' is 0 ms`],
    ['no time to handle them', { connection: 'a', nats: { lease: 100 } }, `'backend.events.nats.lease' is 100 ms`],
  ] as const) {
    it(`refuses ${what}, and tells no secret`, () => {
      const problems = problemsIn(events as JsonObject);

      expect(problems).to.have.length(1);
      expect(problems[0]).to.include(expected).and.not.include('hunter2');
    });
  }

  it('looks at what is written for NATS although events travel otherwise', () => {
    expect(problemsIn({ transport: 'memory', nats: { replicas: 9 } })).to.have.length(1);
  });
});
