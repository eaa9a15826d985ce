import { expect } from 'chai';
import { faultsIn, type ReadDocument } from '../../wire/openapi/openapi-document.js';
import type { Portal } from './portal.js';

/** The form of what is answered, whoever answers. */
export function answerFacts(portal: () => Portal): void {
  it('answers 400, and why, to a query it does not understand', async () => {
    const { status, body } = await portal().ask('GET', '/api/catalog/entities?limit=many&colour=red');

    expect(status).to.equal(400);
    expect(body).to.deep.include({
      error: {
        code: 'invalid_request',
        message: 'The request is not as declared',
        details: [
          { pointer: '/query/limit', rule: 'type' },
          { pointer: '/query/colour', rule: 'undeclared' },
        ],
      },
    });
  });

  it('answers 400, and why, to a body it does not understand', async () => {
    const json = { name: 'ada', password: 'x', colour: 'red' };
    const { status, body } = await portal().ask('POST', '/api/auth/sign-in', { json });

    expect(status).to.equal(400);
    expect(body).to.have.nested.property('error.code', 'invalid_request');
    expect(body)
      .to.have.nested.property('error.details')
      .that.deep.equals([{ pointer: '/body/colour', rule: 'undeclared' }]);
  });

  for (const path of [
    '/',
    '/api',
    '/api/nobody/entities',
    '/api/catalog/nothing',
    '/api/search/nothing',
    '/api/catalog/entities/',
  ]) {
    it(`answers 404 at ${path}, as JSON with the id of the request`, async () => {
      const { status, body, headers } = await portal().ask('GET', path);

      expect(status).to.equal(404);
      expect(body).to.have.nested.property('error.code', 'not_found');
      expect(body).to.have.property('requestId', headers.get('x-request-id'));
    });
  }

  it('answers 404 with the code that the contract declares for an entity it does not know', async () => {
    const { status, body } = await portal().ask('GET', '/api/catalog/entities/component/x-x');

    expect(status).to.equal(404);
    expect(body).to.have.nested.property('error.code', 'unknown_entity');
  });

  for (const [method, path] of [
    ['GET', '/api/catalog/problems'],
    ['POST', '/api/search/refresh'],
    ['GET', '/.backplane/health/v1/plugins'],
  ] as const) {
    it(`answers 401 to ${method} ${path}`, async () => {
      const { status, body, headers } = await portal().ask(method, path);

      expect(status).to.equal(401);
      expect(body).to.have.nested.property('error.code', 'missing_credentials');
      expect(headers.get('www-authenticate')).to.equal('Bearer');
    });
  }

  for (const path of ['/api/catalog/stats', '/api/search/query?q=koa', '/api/licenses/check/component/x-x']) {
    it(`keeps the id of a request to ${path}, or gives it one`, async () => {
      const given = await portal().ask('GET', path, { headers: { 'x-request-id': 'asked-by-ada' } });
      const made = await portal().ask('GET', path);

      expect(given.headers.get('x-request-id')).to.equal('asked-by-ada');
      expect(made.headers.get('x-request-id')).to.match(/^[\w-]{8,}$/);
    });
  }

  for (const probe of ['liveness', 'readiness']) {
    it(`tells ${probe} of every process`, async () => {
      for (const program of portal().programs) {
        expect((await program.get(`/.backplane/health/v1/${probe}`)).body).to.deep.equal({ status: 'ok' });
      }
    });
  }

  it('is described by OpenAPI documents that an independent validator takes for such', async () => {
    const documents: ReadDocument[] = [];
    for (const program of portal().programs) {
      documents.push((await program.get('/.backplane/openapi.json')).body as ReadDocument);
    }

    for (const document of documents) expect(await faultsIn(document)).to.deep.equal([]);
    expect(documents.flatMap(({ paths }) => Object.keys(paths))).to.include.members([
      '/api/auth/guest',
      '/api/catalog/entities',
      '/api/search/query',
      '/api/licenses/report',
    ]);
  });

  for (const plugin of ['auth', 'catalog', 'search', 'licenses']) {
    it(`has a document of plugin ${plugin} alone`, async () => {
      const document = await portal().get<ReadDocument>(`/api/${plugin}/.backplane/openapi.json`);

      expect(await faultsIn(document)).to.deep.equal([]);
    });
  }
}
