import { expect } from 'chai';
import type { Portal } from './portal.js';

interface Found {
  readonly items: readonly { readonly title: string; readonly location: string }[];
  readonly total: number;
}

interface Finding {
  readonly name: string;
  readonly verdict: string;
}

/** What plugins do with what they learn from the catalog. */
export function searchFacts(portal: () => Portal): void {
  it('finds by words with typing errors, and says where to read on', async () => {
    const { items } = await portal().get<Found>('/api/search/query?q=inversfy');

    expect(items[0]).to.have.property('title', 'inversify');
    expect(await portal().get(items[0]!.location)).to.have.property('versions');
  });

  it('finds as much for users, on whose behalf it then asks the catalog', async () => {
    const token = await portal().guestToken();
    await portal().ask('POST', '/api/search/refresh', { token });

    const found = await portal().get<Found>('/api/search/query?q=koa&limit=100', { token });

    expect(found.items.map(({ title }) => title)).to.include.members(['koa', '@koa/router']);
    expect(await portal().get('/api/search/query?q=koa&limit=100')).to.deep.equal(found);
  });

  it('has nobody collect anew who does not say who it is', async () => {
    const { status, body } = await portal().ask('POST', '/api/search/refresh');

    expect(status).to.equal(401);
    expect(body).to.have.nested.property('error.code', 'missing_credentials');
  });

  for (const asking of ['anybody', 'a user']) {
    it(`holds the catalog against its policy for ${asking}`, async () => {
      const token = asking === 'a user' ? { token: await portal().guestToken() } : {};

      const report = await portal().get<{
        checked: number;
        verdicts: Record<string, number>;
        findings: readonly Finding[];
      }>('/api/licenses/report', token);
      const { total } = await portal().get<{ total: number }>('/api/catalog/entities?kind=component');

      expect(report.checked).to.equal(total);
      expect(Object.values(report.verdicts).reduce((sum, n) => sum + n, 0)).to.equal(total);
      expect(report.findings).to.have.lengthOf(total - report.verdicts['allowed']!);
      expect(report.findings).to.deep.include({ kind: 'component', name: 'backplane', verdict: 'unstated' });
    });
  }

  for (const name of ['koa', '@koa%2Frouter']) {
    it(`judges ${name}`, async () => {
      const { items } = await portal().get<{ items: Finding[] }>(`/api/licenses/check/component/${name}`);

      expect(items[0]).to.deep.include({ name: decodeURIComponent(name), license: 'MIT', verdict: 'allowed' });
    });
  }

  it('answers 404 about the license of what the catalog does not know', async () => {
    const { status, body } = await portal().ask('GET', '/api/licenses/check/component/x-x');

    expect(status).to.equal(404);
    expect(body).to.have.nested.property('error.code', 'unknown_entity');
  });
}
