import { expect } from 'chai';
import { configProblems } from '../../../lib/api/config-problems.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { readEventsSettings } from '../../../lib/services/events/events-settings.js';
import { mockServices } from '../../../lib/testing/mock-services.js';

const problemsIn = (events: JsonObject): string[] => {
  const config = mockServices.rootConfig({ data: { backend: { events } } });
  return configProblems(config, readEventsSettings).map(({ message, fix }) => `${message}; ${fix}`);
};

describe('backend.events', () => {
  it('does not leave a server unused that somebody names without saying which it is', () => {
    const problems = problemsIn({ connection: 'postgres://events.acme.test/events' });

    expect(problems).to.have.lengthOf(1);
    expect(problems[0])
      .to.contain("'backend.events.connection' is of no use in memory")
      .and.to.contain('write transport: postgres, or transport: nats');
  });

  it('stays in memory where that is said', () => {
    expect(problemsIn({ transport: 'memory', connection: 'postgres://events.acme.test/events' })).to.deep.equal([]);
  });
});
