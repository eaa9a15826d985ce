import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from './program.js';

/** What is only loaded where configuration asks for it, by the package as it is published. */
const program = `
  import { once } from 'node:events';
  import { request } from 'node:https';
  import { Backend } from 'backplane';

  const backend = await Backend.start({
    features: [],
    host: false,
    config: {
      backend: {
        baseUrl: 'https://portal.test',
        listen: { host: '127.0.0.1', port: Number(process.env.PORT) },
        https: true,
        rateLimit: { incomingRequestLimit: 1, ipAllowList: [] },
        logger: { level: 'silent' },
      },
    },
  });
  for (let i = 0; i < 2; i++) {
    const options = { port: process.env.PORT, host: '127.0.0.1', rejectUnauthorized: false, agent: false };
    const [answer] = await once(request(options).end(), 'response');
    console.log(answer.statusCode, answer.socket.getPeerCertificate().subject.CN);
    answer.resume();
  }
  await backend.stop();
`;

describe('The package as it is published', () => {
  it('makes itself a certificate, and counts requests', async () => {
    const home = await mkdtemp(join(tmpdir(), 'home-'));
    const port = 20_000 + (process.pid % 20_000);
    const { NODE_ENV: _, ...environment } = process.env;

    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      cwd: repository,
      env: { ...environment, HOME: home, PORT: String(port) },
    });
    const kept = await readdir(join(home, '.cache/backplane/certificates'));
    await rm(home, { recursive: true });

    expect(stdout.trim().split('\n')).to.deep.equal(['404 portal.test', '429 portal.test']);
    expect(kept).to.have.lengthOf(1);
  });
});
