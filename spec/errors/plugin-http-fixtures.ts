import { ExternalTokenHandler, Service } from '../../lib/index.js';
import { mockCredentials } from '../../lib/testing/mock-credentials.js';
import { TestBackend } from '../../lib/testing/test-backend.js';
import { StorePlugin, subscriber } from '../services/events/events-fixture.js';
import { changed } from '../services/events/topics.js';
import { pluginWithTasks } from '../services/scheduler/scheduler-fixture.js';

/** What another plugin is answered that posts to `path`. */
function postedByAnother(path: string): () => Promise<string> {
  return async () => {
    const features = [
      StorePlugin,
      subscriber('search', { index: { topic: changed, handler: () => {} } }),
      pluginWithTasks('worker', [{ id: 'work', manual: true }, () => {}]),
    ];
    await using backend = await TestBackend.start({ features, config: { backend: { logger: { level: 'silent' } } } });
    const headers = { authorization: mockCredentials.service.header({ subject: 'plugin:other' }) };
    const { status, text } = await backend.request.post(path, { headers });
    return `HTTP/1.1 ${status}\r\n\r\n${text}`;
  };
}

@Service({ implements: ExternalTokenHandler })
class LostDirectory extends ExternalTokenHandler {
  readonly type = 'ldap';

  override initialize(): undefined {
    return undefined;
  }

  override verifyToken(): Promise<undefined> {
    return Promise.reject(new Error('no directory'));
  }
}

/** What a caller is answered whose token nobody can look up. */
async function askedWithoutDirectory(): Promise<string> {
  const auth = { externalAccess: [{ type: 'ldap', options: {} }] };
  const config = { backend: { auth, logger: { level: 'silent' } } };
  await using backend = await TestBackend.start({ features: [StorePlugin, LostDirectory], config });
  const headers = { authorization: 'Bearer any' };
  const { status, text } = await backend.request.get('/api/store/.backplane/auth/v1/cookie', { headers });
  return `HTTP/1.1 ${status}\r\n\r\n${text}`;
}

const redeliver = '/api/search/.backplane/events/v1/subscriptions/index/dead-letters/redeliver';

export const pluginHttpFixtures = [
  { code: 'token_check_unavailable', status: 503, ask: askedWithoutDirectory },
  { code: 'foreign_plugin', status: 403, ask: postedByAnother(redeliver) },
  {
    code: 'foreign_plugin',
    status: 403,
    ask: postedByAnother('/api/worker/.backplane/scheduler/v1/tasks/work/trigger'),
  },
];
