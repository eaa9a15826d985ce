import { expect } from 'chai';
import { Recent } from '../../../lib/services/auth/recent.js';

describe('Recent', () => {
  it('keeps what was used last, and never more than twice its capacity', () => {
    const recent = new Recent<number>(10);
    for (let i = 0; i < 1_000; i++) {
      recent.set(`key ${i}`, i);
      expect(recent.get('key 0')).to.equal(0);
      expect(recent.size).to.be.at.most(20);
    }
    for (let i = 991; i < 1_000; i++) expect(recent.get(`key ${i}`)).to.equal(i);
    expect(recent.get('key 500')).to.equal(undefined);
  });

  it('forgets what it is told to', () => {
    const recent = new Recent<number>(1);
    recent.set('a', 1);
    recent.set('b', 2);
    recent.delete('a');
    recent.delete('b');

    expect([recent.get('a'), recent.get('b'), recent.size]).to.deep.equal([undefined, undefined, 0]);
  });
});
