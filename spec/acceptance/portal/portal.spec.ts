import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { until } from '../../faults/harness/until.js';
import { Program, repository } from '../program.js';
import { answerFacts } from './answer-facts.js';
import { catalogFacts } from './catalog-facts.js';
import { type Deployment, deployments, Portal } from './portal.js';
import { readmeCommands } from './readme-commands.js';
import { searchFacts } from './search-facts.js';
import { userFacts } from './user-facts.js';

/** How long several processes that read all that is installed may take on a busy machine, in ms. */
const patience = 60_000;

const ada = { name: 'ada', password: 'correct horse battery staple' };

/** What `npm run hash-password` prints, as an administrator runs it. */
function hashOf(password: string): string {
  const args = ['run', '--silent', 'hash-password', '--workspace', '@inventory/plugin-auth-backend'];
  return execFileSync('npm', args, { cwd: repository, input: `${password}\n`, stdio: 'pipe' })
    .toString()
    .trim();
}

for (const deployment of deployments) {
  describe(`the inventory portal, ${deployment.name}`, function () {
    this.timeout(patience);
    let started: Portal;
    const portal = (): Portal => started;

    before(async () => {
      const user = { name: ada.name, passwordHash: hashOf(ada.password), groups: ['group:default/math'] };
      started = await Portal.start(deployment, { APP_CONFIG_auth_users: JSON.stringify([user]) });
      await started.read();
    });

    after(() => started[Symbol.asyncDispose]());

    for (const [index, { line }] of readmeCommands().entries()) {
      it(`answers what the README asks for: ${line}`, async () => {
        const { method, path, asking } = readmeCommands(await started.guestToken())[index]!;

        const { status, body } = await started.ask(method, path, asking);

        expect(status).to.be.within(200, 201);
        expect(Object.keys(body as object)).to.have.length.above(0);
      });
    }

    describe('the catalog', () => catalogFacts(portal));
    describe('users', () => userFacts(portal, ada));
    describe('search and licenses', () => searchFacts(portal));
    describe('answers', () => answerFacts(portal));

    it('tells its progress while it reads', () => {
      const told = started.lines.filter(line => /catalog Read \d+ entities from (npm|descriptors) /.test(line));

      expect(told).to.have.lengthOf(2);
    });

    it('tells the id of a request in the log of every process that it went through', async () => {
      await started.get('/api/licenses/check/component/koa', { headers: { 'x-request-id': 'through-all' } });

      for (const program of started.programs) {
        await until('a line with the id', () => program.lines.some(line => line.includes('requestId=through-all')));
      }
    });

    it('has nothing to complain about', () => {
      expect(started.lines.filter(line => !/^\S+ info /.test(line))).to.deep.equal([]);
    });

    it('tells nobody a token, a password or its hash', () => {
      expect(started.lines.join('\n')).not.to.match(/eyJ|scrypt:|correct horse/);
    });

    it('ends at once and without a complaint at Ctrl-C', async () => {
      await using other = await Portal.start(deployment);
      await other.get('/api/licenses/report');

      const ends = await Promise.all(other.programs.map(program => program.end('SIGINT')));

      expect(ends.map(({ code }) => code)).to.deep.equal(ends.map(() => 0));
      for (const { milliseconds } of ends) expect(milliseconds).to.be.below(2_000);
      for (const { lines } of other.programs) expect(lines.at(-1)).to.match(/info {2}Backend is stopped$/);
      expect(other.lines.filter(line => !/^\S+ info /.test(line))).to.deep.equal([]);
    });
  });
}

describe('the inventory portal', function () {
  this.timeout(patience);
  it('is asked something of every plugin in the README', () => {
    const plugins = readmeCommands().map(({ path }) => path.split('/')[2]);

    expect(plugins).to.include.members(['auth', 'catalog', 'search', 'licenses']);
  });

  it('reads the same wherever it is started', async () => {
    await using usual = await Program.start('samples/backend');
    await using other = await Program.start('samples/backend', { cwd: tmpdir() });

    expect(await countedBy(other)).to.equal(await countedBy(usual));
  });

  it('knows what it knew before, once it is started again', async () => {
    const data = mkdtempSync(join(tmpdir(), 'backplane-data-'));
    const environment = { PORTAL_DATA: data };
    const json = { folder: 'samples/backend' };
    const [deployment] = deployments as [Deployment];
    await using first = await Portal.start(deployment, environment);
    await first.ask('POST', '/api/catalog/locations', { token: await first.guestToken(), json });
    const locations = await first.get('/api/catalog/locations');
    const { entities } = await (await first.read()).get<{ entities: number }>('/api/catalog/stats');
    await Promise.all(first.programs.map(program => program.end('SIGINT')));

    await using second = await Portal.start(deployment, environment);

    expect(await second.get('/api/catalog/locations')).to.deep.equal(locations);
    expect(await second.get('/api/catalog/stats')).to.have.property('entities', entities);
    rmSync(data, { recursive: true });
  });

  it('can be ended while it is still starting', async () => {
    await using program = await Program.start('samples/backend');

    const { code } = await program.end('SIGINT');

    expect(code).to.equal(0);
    expect(program.lines.filter(line => /\berror\b/i.test(line))).to.deep.equal([]);
  });
});

/** How many entities there are, once all are read. */
async function countedBy(program: Program): Promise<number> {
  for (;;) {
    const { body } = await program.get('/api/catalog/stats');
    const { entities, ingestion } = body as { entities: number; ingestion: { state: string }[] };
    if (ingestion.length > 0 && ingestion.every(({ state }) => state !== 'reading')) return entities;
    await sleep(20);
  }
}
