import { expect } from 'chai';
import { HttpFixture } from './http-fixture.js';

const path = '/.backplane/health/v1';

describe('/.backplane/health/v1', () => {
  const fail = () => {
    throw new Error('CANARY');
  };

  const contribute = (http: HttpFixture) =>
    http.health.addCheck({ pluginId: 'catalog', id: 'db', affectsReadiness: true, timeout: 100, check: fail });

  it('tells liveness and readiness, each with its status', async () => {
    await using http = await HttpFixture.start();
    const ready = await http.ask(`${path}/readiness`);

    http.status.enter('stopping');
    const unready = await http.ask(`${path}/readiness`);
    const alive = await http.ask(`${path}/liveness`);

    expect(ready).to.deep.include({ status: 200, body: { status: 'ok' } });
    expect(unready).to.deep.include({
      status: 503,
      body: { status: 'error', message: 'The backend is shutting down' },
    });
    expect(alive).to.deep.include({ status: 200, body: { status: 'ok' } });
    expect(alive.headers['cache-control']).to.equal('no-store');
  });

  it('sends the headers of backend.health.headers', async () => {
    await using http = await HttpFixture.start({ health: { headers: { 'x-served-by': 'backplane' } } });

    expect((await http.ask(`${path}/liveness`)).headers['x-served-by']).to.equal('backplane');
    expect((await http.ask('/nowhere')).headers).not.to.have.property('x-served-by');
  });

  it('answers GET and HEAD only', async () => {
    await using http = await HttpFixture.start();

    const head = await http.ask(`${path}/liveness`, { method: 'HEAD' });
    const post = await http.ask(`${path}/liveness`, { method: 'POST' });

    expect(head).to.include({ status: 200, text: '' });
    expect(post.status).to.equal(405);
    expect(post.headers.allow).to.equal('GET, HEAD');
  });

  it('shows the plugins to nobody, as long as nobody can say who they are', async () => {
    await using http = await HttpFixture.start();
    http.plugin('catalog');

    const { status, text } = await http.ask(`${path}/plugins`);

    expect(status).to.equal(401);
    expect(text).not.to.contain('catalog');
  });

  it('shows the plugins to everybody where they are public, but never why one fails', async () => {
    await using http = await HttpFixture.start({ health: { plugins: 'public' } });
    http.plugin('catalog');
    contribute(http);

    const { status, body, text } = await http.ask(`${path}/plugins`);

    expect(status).to.equal(200);
    expect(body).to.have.nested.property('[0].pluginId', 'catalog');
    expect(body).to.have.nested.property('[0].checks[0].status', 'error');
    expect(text).not.to.contain('CANARY');
    expect((await http.ask(`${path}/readiness`)).text).not.to.contain('CANARY');
  });
});
