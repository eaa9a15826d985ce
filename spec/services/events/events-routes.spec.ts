import { expect } from 'chai';
import { AuditorService } from '../../../lib/api/auditor-service.js';
import { EventsService } from '../../../lib/api/events-service.js';
import { mockCredentials } from '../../../lib/testing/mock-credentials.js';
import { mockServices } from '../../../lib/testing/mock-services.js';
import { override } from '../../../lib/testing/override.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';
import { until } from '../../faults/harness/until.js';
import { StorePlugin, subscriber } from './events-fixture.js';
import { changed, secret } from './topics.js';

const prefix = '/api/search/.backplane/events/v1/subscriptions';

describe('The routes of events', () => {
  let fails = true;
  let handled = 0;
  let backend: TestBackend;
  const auditor = mockServices.auditor();
  const as = (headers: Record<string, string>) => ({ headers });
  const user = { authorization: mockCredentials.user.header() };
  const service = { authorization: mockCredentials.service.header() };

  beforeEach(async () => {
    fails = true;
    handled = 0;
    const handler = (): void => {
      if (fails) throw new Error('a secret of the handler');
      handled += 1;
    };
    backend = await TestBackend.start({
      features: [StorePlugin, subscriber('search', { index: { options: { maxAttempts: 1 }, handler } })],
      config: { backend: { logger: { level: 'silent' } } },
      overrides: [override(AuditorService).withValue(auditor)],
    });
    await backend.get(EventsService, { pluginId: 'store' }).publish(changed, { name: 'a' }, { key: 'k' });
    const search = backend.get(EventsService, { pluginId: 'search' });
    await until('the dead letter', async () => (await search.getDeadLetters('index')).length > 0);
  });
  afterEach(() => backend.stop());

  it('are closed to whoever says not who they are', async () => {
    const answers = await Promise.all([
      backend.request.get(prefix),
      backend.request.get(`${prefix}/index/dead-letters`),
      backend.request.post(`${prefix}/index/dead-letters/redeliver`),
    ]);

    expect(answers.map(({ status }) => status)).to.deep.equal([401, 401, 401]);
  });

  it('list the subscriptions, and their dead letters: to a user without what they say', async () => {
    const listed = await backend.request.get(prefix, as(user));
    const toUser = await backend.request.get(`${prefix}/index/dead-letters`, as(user));
    const toService = await backend.request.get(`${prefix}/index/dead-letters`, as(service));

    expect(listed.body).to.deep.equal({ subscriptions: [{ id: 'index', topic: 'store.changed' }] });
    const { deadLetters } = toUser.body as { deadLetters: object[] };
    expect(deadLetters).to.have.length(1);
    expect(deadLetters[0]).to.include({ topic: 'store.changed', key: 'k', attempts: 1 });
    expect(toUser.text).not.to.contain('secret');
    expect(deadLetters[0]).to.not.have.any.keys('payload', 'metadata', 'error');
    expect(toService.text).to.contain('a secret of the handler').and.to.contain('payload');
  });

  it('deliver again for a service, and say so to the audit', async () => {
    fails = false;

    const refused = await backend.request.post(`${prefix}/index/dead-letters/redeliver`, as(user));
    const done = await backend.request.post(`${prefix}/index/dead-letters/redeliver`, as(service));
    await until('the handler', () => handled > 0);

    expect([refused.status, done.status]).to.deep.equal([403, 200]);
    expect(done.body).to.deep.equal({ count: 1 });
    expect(auditor.events.at(-1)).to.deep.include({ eventId: 'events-redeliver' });
  });

  it('deliver one of them again, and say what is not there', async () => {
    fails = false;
    const [letter] = await backend.get(EventsService, { pluginId: 'search' }).getDeadLetters('index');

    const unknown = await backend.request.post(`${prefix}/index/dead-letters/nothing/redeliver`, as(service));
    const elsewhere = await backend.request.post(`${prefix}/other/dead-letters/redeliver`, as(service));
    const done = await backend.request.post(`${prefix}/index/dead-letters/${letter!.id}/redeliver`, as(service));
    await until('the handler', () => handled > 0);

    expect([unknown.status, elsewhere.status, done.status]).to.deep.equal([404, 404, 200]);
  });

  it('tell a program whose token has few permissions here no more than a user, and deliver nothing again for it', async () => {
    const accessRestrictions = [{ plugin: 'search', actions: ['read'] }];
    const few = { authorization: mockCredentials.service.header({ accessRestrictions }) };
    const letters = `${prefix}/index/dead-letters`;

    const told = await backend.request.get(letters, as(few));
    const refused = await backend.request.post(`${letters}/redeliver`, as(few));

    expect((told.body as { deadLetters: object[] }).deadLetters[0]).to.include({ key: 'k' });
    expect(told.text).to.not.include('a secret of the handler');
    expect([refused.status, (refused.body as { error: { code: string } }).error.code]).to.deep.equal([
      403,
      'restricted_token',
    ]);
  });

  it('tell another plugin no more than a user, and deliver nothing again for it', async () => {
    const other = { authorization: mockCredentials.service.header({ subject: 'plugin:other' }) };
    const own = { authorization: mockCredentials.service.header({ subject: 'plugin:search' }) };
    const letters = `${prefix}/index/dead-letters`;
    const [letter] = await backend.get(EventsService, { pluginId: 'search' }).getDeadLetters('index');

    const toOther = await backend.request.get(letters, as(other));
    const toOwn = await backend.request.get(letters, as(own));
    const all = await backend.request.post(`${letters}/redeliver`, as(other));
    const one = await backend.request.post(`${letters}/${letter!.id}/redeliver`, as(other));
    const byItself = await backend.request.post(`${letters}/redeliver`, as(own));

    const { deadLetters } = toOther.body as { deadLetters: object[] };
    expect(deadLetters[0]).to.include({ id: letter!.id, key: 'k' });
    expect(deadLetters[0]).to.not.have.any.keys('payload', 'metadata', 'error');
    expect(toOwn.text).to.contain('a secret of the handler').and.to.contain('payload');
    expect([all.status, one.status, byItself.status]).to.deep.equal([403, 403, 200]);
    expect(all.body).to.have.nested.property('error.code', 'foreign_plugin');
  });

  it('tell nobody what the dead letters of a private topic say', async () => {
    const path = '/api/store/.backplane/events/v1/subscriptions/own/dead-letters';
    const store = backend.get(EventsService, { pluginId: 'store' });
    store.subscribe(secret, { id: 'own', maxAttempts: 1 }, () => {
      throw new Error('a secret of the handler');
    });
    await store.publish(secret, { name: 'hidden' }, { key: 'hidden', metadata: { about: 'hidden' } });
    await until('the dead letter', async () => (await store.getDeadLetters('own')).length > 0);

    for (const subject of ['external:test-service', 'plugin:store', 'plugin:search']) {
      const headers = { authorization: mockCredentials.service.header({ subject }) };
      const { status, text, body } = await backend.request.get(path, as(headers));
      expect([status, text.includes('secret of'), text.includes('hidden')], subject).to.deep.equal([200, false, false]);
      expect((body as { deadLetters: object[] }).deadLetters[0], subject).to.include({ topic: 'store.secret' });
    }
    expect((await backend.request.post(`${path}/redeliver`, as(service))).body).to.deep.equal({ count: 1 });
  });
});
