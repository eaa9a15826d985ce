import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { Get, LoggerService, Plugin, type PluginContext } from '../../lib/index.js';
import { AuthPlugin } from './auth-plugin.js';
import { GuardedBackend } from './guarded-backend.js';

/** Logs all it is given, as nobody should. */
@Plugin({ pluginId: 'a' })
class TalkativePlugin {
  constructor(readonly logger: LoggerService) {}

  @Get('/', { allow: 'unauthenticated' })
  index({ headers, credentials, url, query }: PluginContext): never {
    this.logger.warn(`asked with ${JSON.stringify(headers)} and ${url}`, { headers, credentials, query });
    throw new Error(`failed for ${headers.authorization ?? headers.cookie}`);
  }
}

describe('Tokens in logs', () => {
  /** What is written while `work` runs. */
  async function writtenWhile(work: () => Promise<unknown>): Promise<string> {
    const { write } = process.stdout;
    let written = '';
    process.stdout.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      written += String(chunk);
      (rest.at(-1) as (() => void) | undefined)?.();
      return true;
    };
    try {
      await work();
      await new Promise(resolve => setTimeout(resolve, 50));
    } finally {
      process.stdout.write = write;
    }
    return written;
  }

  it('S82 are hidden, also where a plugin logs the header, the cookie or the query that they came in', async () => {
    const external = randomBytes(32).toString('base64url');
    const entry = { type: 'static', options: { token: external, subject: 'ci' } };
    const seen: string[] = [];
    const written = await writtenWhile(async () => {
      await using server = await GuardedBackend.start({
        features: [TalkativePlugin, AuthPlugin],
        config: { backend: { logger: { level: 'debug' }, auth: { externalAccess: [entry] } } },
      });
      const { token } = (await server.get('/api/auth/token')).body as { token: string };
      const cookie = (await server.get('/api/a/.backplane/auth/v1/cookie', token)).headers['set-cookie']![0]!;
      seen.push(token, external, cookie.split(';')[0]!.split('=')[1]!);
      await server.get('/api/a/', token);
      await server.get('/api/a/', external);
      await server.get(`/api/a/?token=${token}&other=${external}`);
      await server.get('/api/a/', undefined, { cookie: cookie.split(';')[0]! });
      await server.get('/api/a/', `${token}x`);
    });

    expect(written).to.include('asked with').and.include('failed for');
    for (const token of seen) {
      expect(token).to.have.length.above(30);
      expect(written).to.not.include(token);
      expect(written).to.not.include(token.split('.').at(-1)!.slice(0, 20));
    }
  });
});
