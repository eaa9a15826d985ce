import { expect } from 'chai';
import fc from 'fast-check';
import { HttpError } from '../../../lib/errors/http-error.js';
import { pathOf, refuseEncodedSeparators } from '../../../lib/services/http/request-target.js';

function refusalOf(target: string): string | undefined {
  try {
    pathOf(target);
    return undefined;
  } catch (error) {
    if (!HttpError.is(error)) throw error;
    return `${error.status} ${error.code}`;
  }
}

describe('pathOf()', () => {
  const paths: [string, string][] = [
    ['/', '/'],
    ['/api/foo/x', '/api/foo/x'],
    ['/api/foo/', '/api/foo/'],
    ['/api/foo/x?a=//&b=%2F;', '/api/foo/x'],
    ['/.backplane/health', '/.backplane/health'],
    ['/a.b/..c/d..', '/a.b/..c/d..'],
    ['/api/foo/%40scope%2Fname', '/api/foo/%40scope%2Fname'],
    ['/api/foo/%C3%B6', '/api/foo/%C3%B6'],
    ["/a-._~!$&'()*+,=:@", "/a-._~!$&'()*+,=:@"],
  ];
  for (const [target, path] of paths) {
    it(`takes ${target}`, () => {
      expect(pathOf(target)).to.equal(path);
    });
  }

  const badPaths = [
    '//api/foo/x', '/api//foo/x', '/api/foo//', '/api/foo;a=b/x', '/api\\foo', '/api/./foo', '/api/../foo', '/..', '/.',
    '/%61pi/foo', '/api/%66oo/x', '/a/%7E', '/a/%2e%2e/b', '/a/%2D', '/a/%5F', '/a b', '/a#b', '/a"b', '/a<b', '/ä',
    '', '*', 'http://evil.example/api/foo', 'api/foo',
  ]; // prettier-ignore
  for (const target of badPaths) {
    it(`S22, S23: refuses ${JSON.stringify(target)} as a path`, () => {
      expect(refusalOf(target)).to.equal('400 bad_path');
    });
  }

  const badEncodings = [
    '/%zz',
    '/a%',
    '/a%2',
    '/%ff',
    '/%c0%ae%c0%ae',
    '/%ED%A0%80',
    '/a/%00',
    '/a?b=%zz',
    '/a?b=%ff',
    '/a?b=%00',
  ];
  for (const target of badEncodings) {
    it(`S25, S26: refuses the encoding of ${target}`, () => {
      expect(refusalOf(target)).to.equal('400 bad_encoding');
    });
  }

  it('refuses a path of more than 2,048 characters, however long the query may be', () => {
    expect(refusalOf(`/${'a'.repeat(2_048)}`)).to.equal('414 uri_too_long');
    expect(refusalOf(`/${'a'.repeat(2_047)}?${'a'.repeat(4_000)}`)).to.equal(undefined);
  });

  it('takes only paths that the URL parser leaves as they are', () => {
    const part = fc.constantFrom(
      '/',
      '.',
      'a',
      'B',
      '%',
      '2',
      'f',
      'e',
      '5',
      'c',
      ';',
      '\\',
      '?',
      '#',
      ' ',
      'ö',
      '%41',
      '%2e',
      '..',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), parts => {
        const target = `/${parts.join('')}`;
        if (refusalOf(target) !== undefined) return;
        expect(new URL(`http://host${target}`).pathname).to.equal(pathOf(target));
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes no two paths that are decoded to the same', () => {
    const part = fc.constantFrom('/', 'a', 'A', '%61', '%41', '%7e', '~', '%C3%B6', '%c3%b6', '-', '%2d', '%2D');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.array(part, { maxLength: 6 }), (a, b) => {
        const [one, two] = [`/${a.join('')}`, `/${b.join('')}`];
        if (refusalOf(one) !== undefined || refusalOf(two) !== undefined) return;
        if (decodeURIComponent(one) !== decodeURIComponent(two)) return;
        // But for the case of the digits of an escape, which nothing that is not ASCII can be told by.
        expect(one.toLowerCase()).to.equal(two.toLowerCase());
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('refuseEncodedSeparators()', () => {
  for (const path of ['/a%2Fb', '/a%2fb', '/a%5Cb', '/a%5cb']) {
    it(`refuses ${path}`, () => {
      expect(() => refuseEncodedSeparators(path)).to.throw(HttpError);
    });
  }

  it('takes any other escape', () => {
    expect(() => refuseEncodedSeparators('/%40scope%20name')).not.to.throw();
  });
});
