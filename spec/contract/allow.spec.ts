import { expect } from 'chai';
import type { Allow } from '../../lib/contract/allow.js';

describe('the type Allow', () => {
  it('is checked by the compiler: callers are a list, and "unauthenticated" stands alone', () => {
    const callers: Allow[] = ['unauthenticated', ['user'], ['user', 'service', 'user-cookie'], []];

    // @ts-expect-error -- callers are a list
    callers.push('user');
    // @ts-expect-error -- whoever may be anonymous may be anybody
    callers.push(['unauthenticated']);
    // @ts-expect-error -- there are no other callers
    callers.push(['admin']);

    expect(callers).to.have.length(7);
  });
});
