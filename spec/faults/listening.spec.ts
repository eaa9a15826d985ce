import { expect } from 'chai';
import { createServer, type AddressInfo } from 'node:net';
import { atOnce } from './harness/at-once.js';
import { runBackend } from './harness/child-backend.js';
import { importCost } from './harness/import-cost.js';

describe('A server that cannot listen', () => {
  it('R31: says which port is taken and what to set, at once, and ends what was already there', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise(resolve => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    try {
      const child = await runBackend('with-root-service', { backend: { listen: { host: '127.0.0.1', port } } });

      expect(child.code).to.equal(1);
      expect(child.duration).to.be.below(atOnce + (await importCost()));
      expect(child.stderr)
        .to.include(`port ${port} is already in use (EADDRINUSE)`)
        .and.to.include("set 'backend.listen.port'");
      expect(child.stderr).to.include('[PORT_IN_USE]').and.to.include("service 'core.root-http-router'");
      expect(child.log.messages()).to.include.members(['pool: shutdown hook', 'pool: disposed']);
      expect(child.stderr.match(/PORT_IN_USE/g)).to.have.length(1);
    } finally {
      taken.close();
    }
  });

  const unusable = [
    { what: 'an address of another machine', listen: { host: '203.0.113.7', port: 0 }, code: 'BAD_LISTEN_HOST' },
    { what: 'a name that nobody knows', listen: { host: 'no-such-host.invalid', port: 0 }, code: 'BAD_LISTEN_HOST' },
    {
      what: 'an address of a family that is off',
      listen: { host: 'fe80::1%nowhere', port: 0 },
      code: 'BAD_LISTEN_HOST',
    },
    { what: 'a port beyond the last', listen: { host: '127.0.0.1', port: 70_000 }, code: 'INVALID_CONFIG' },
    { what: 'a port that is no number', listen: 'localhost:http', code: 'INVALID_CONFIG' },
  ];
  for (const { what, listen, code } of unusable) {
    it(`R32: refuses ${what} at once`, async () => {
      const child = await runBackend('only-probe', { backend: { listen } });

      expect(child.code).to.equal(1);
      expect(child.duration).to.be.below(atOnce + (await importCost()));
      expect(child.stderr)
        .to.include(`[${code}]`)
        .and.to.match(/fix: .*backend\.listen|fix: write a port/);
    });
  }

  it('R68: says so where the process has no more files', async () => {
    const child = await runBackend('no-more-files', { openFiles: 512 });

    expect(child.code).to.equal(1);
    expect(child.stderr).to.include('[LISTEN_FAILED]').and.to.include('EMFILE').and.to.include('fix: ');
  });

  it('R32: refuses a port that only root may use, at once', async () => {
    const nobody = { uid: 65_534, gid: 65_534 };
    const listen = { host: '127.0.0.1', port: 81 };
    const child = await runBackend('only-probe', {
      backend: { listen },
      ...(process.getuid?.() === 0 && { as: nobody }),
    });

    expect(child.code).to.equal(1);
    expect(child.duration).to.be.below(atOnce + (await importCost()));
    expect(child.stderr).to.include('[PORT_FORBIDDEN]').and.to.include('EACCES');
  });
});
