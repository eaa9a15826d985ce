import { expect } from 'chai';
import { accepted, codeOf, github, signedByGithub, WebhookFixture } from './webhook-fixture.js';

describe('A delivery that is sent once more', () => {
  it('is accepted and publishes nothing', async () => {
    await using hooks = await WebhookFixture.start({ ...github, once: { header: 'X-GitHub-Delivery' } });
    const send = (id: string) => hooks.send({ headers: { ...signedByGithub(), 'x-github-delivery': id } });

    const answers = [await send('d1'), await send('d1'), ...(await Promise.all([send('d2'), send('d2')]))];

    expect(answers.map(codeOf)).to.deep.equal([accepted, accepted, accepted, accepted]);
    expect(hooks.events.published).to.have.lengthOf(2);
    expect(hooks.audit.map(({ meta }) => meta?.['outcome'])).to.deep.equal([
      'published',
      'repeated',
      'published',
      'repeated',
    ]);
  });

  it('is another one at another place', async () => {
    await using hooks = await WebhookFixture.start({ ...github, once: { header: 'x-github-delivery' } });
    const headers = { ...signedByGithub(), 'x-github-delivery': 'd1' };

    for (const path of ['of/one', 'of/two', 'of/one']) await hooks.send({ path, headers });

    expect(hooks.events.published).to.have.lengthOf(2);
  });

  it('is refused where it has left out by what it would be known', async () => {
    await using hooks = await WebhookFixture.start({ ...github, once: { header: 'x-github-delivery' } });

    expect(codeOf(await hooks.send({ headers: signedByGithub() }))).to.equal('400 bad_header');
    expect(hooks.events.published).to.deep.equal([]);
  });

  it('is known by its bytes where the webhook says so', async () => {
    await using hooks = await WebhookFixture.start({ ...github, once: 'body' });
    const other = '{"ref":"other"}';

    await hooks.send({ headers: signedByGithub() });
    await hooks.send({ headers: signedByGithub() });
    await hooks.send({ body: other, headers: signedByGithub(other) });

    expect(hooks.events.published).to.have.lengthOf(2);
  });

  it('is forgotten after a while', async () => {
    await using hooks = await WebhookFixture.start({ ...github, once: 'body', remember: 1 });

    await hooks.send({ headers: signedByGithub() });
    await new Promise(resolve => setTimeout(resolve, 5));
    await hooks.send({ headers: signedByGithub() });

    expect(hooks.events.published).to.have.lengthOf(2);
  });
});
