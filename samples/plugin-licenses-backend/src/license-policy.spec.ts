import { expect } from 'chai';
import { LicensePolicy } from './license-policy.js';

const policy = new LicensePolicy({ allowed: ['MIT', 'ISC'], denied: ['GPL-3.0-only'] });

describe('LicensePolicy', () => {
  for (const [license, verdict] of [
    [undefined, 'unstated'],
    ['MIT', 'allowed'],
    ['GPL-3.0-only', 'denied'],
    ['Zlib', 'unreviewed'],
    ['MIT OR GPL-3.0-only', 'allowed'],
    ['(GPL-3.0-only OR Zlib)', 'unreviewed'],
    ['MIT AND ISC', 'allowed'],
    ['MIT AND Zlib', 'unreviewed'],
    ['MIT AND GPL-3.0-only', 'denied'],
    ['(MIT AND Zlib) OR ISC', 'allowed'],
    ['SEE LICENSE IN LICENSE.txt', 'unreviewed'],
    ['', 'unreviewed'],
    ['UNLICENSED', 'unreviewed'],
  ] as const) {
    it(`judges ${license === undefined ? 'what states none' : `'${license}'`} as ${verdict}`, () => {
      expect(policy.judge(license)).to.equal(verdict);
    });
  }
});
