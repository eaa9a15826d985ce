import { expect } from 'chai';
import { entityOf } from './package-manifest.js';

const read = (manifest: object) =>
  entityOf(JSON.stringify({ name: 'koa', version: '3.0.0', ...manifest }), 'package.json');

describe('a package.json', () => {
  const licenses = [
    { manifest: { license: 'MIT' }, license: 'MIT' },
    { manifest: { license: '(MIT OR GPL-3.0)' }, license: '(MIT OR GPL-3.0)' },
    { manifest: { license: { type: 'ISC', url: 'https://example.org' } }, license: 'ISC' },
    { manifest: { licenses: [{ type: 'MIT' }, { type: 'Apache-2.0' }] }, license: 'MIT OR Apache-2.0' },
    { manifest: { licenses: [] }, license: undefined },
    { manifest: { license: 7 }, license: undefined },
    { manifest: {}, license: undefined },
  ];
  for (const { manifest, license } of licenses) {
    it(`that says ${JSON.stringify(manifest)} has the license ${license}`, () => {
      expect(read(manifest).license).to.equal(license);
    });
  }

  it('may misuse a field it does not need', () => {
    const { description, homepage, dependencies } = read({ description: 7, homepage: {}, dependencies: ['koa'] });

    expect({ description, homepage, dependencies }).to.deep.equal({
      description: undefined,
      homepage: undefined,
      dependencies: [],
    });
  });

  it('needs a name and a version', () => {
    expect(() => read({ name: '' })).to.throw();
    expect(() => read({ version: undefined })).to.throw();
  });
});
