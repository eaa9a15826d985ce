import { expect } from 'chai';
import { z } from 'zod';
import { errorOf } from '../../lib/api/error-of.js';
import { defineApi, get } from '../../lib/contract/index.js';
import { BackplaneError } from '../../lib/errors/backplane-error.js';
import { HttpError } from '../../lib/errors/http-error.js';

const { read } = defineApi({
  pluginId: 'catalog',
  operations: {
    read: get('/entities', {
      errors: {
        unknown_entity: {
          status: 404,
          details: z.object({ similar: z.array(z.string()) }),
          description: 'No such entity',
        },
        hidden_entity: { status: 403 },
      },
    }),
  },
});

describe('errorOf()', () => {
  it('gives the error that the operation declares, as its caller is told it', () => {
    const cause = new RangeError('row 7');

    const error = errorOf(read, 'unknown_entity', { details: { similar: ['a'] }, cause });

    expect(HttpError.is(error)).to.equal(true);
    const { status, code, message, details } = error;
    expect({ status, code, message, details }).to.deep.equal({
      status: 404,
      code: 'unknown_entity',
      message: 'No such entity',
      details: { similar: ['a'] },
    });
    expect(error.cause).to.equal(cause);
  });

  it('says the code where nobody has found words, and words where there are', () => {
    expect(errorOf(read, 'hidden_entity').message).to.equal('hidden_entity');
    expect(errorOf(read, 'hidden_entity', { message: 'Not for you' }).message).to.equal('Not for you');
  });

  it('refuses an error that is not declared', () => {
    for (const code of ['lost_entity', 'toString'])
      expect(() => errorOf(read, code as 'hidden_entity')).to.throw(BackplaneError, '[UNDECLARED_ERROR]');
  });

  it('is checked by the compiler', () => {
    const wrong = [
      // @ts-expect-error -- it has details
      () => errorOf(read, 'unknown_entity'),
      // @ts-expect-error -- similar is a list
      () => errorOf(read, 'unknown_entity', { details: { similar: 'a' } }),
      // @ts-expect-error -- it has no details
      () => errorOf(read, 'hidden_entity', { details: { similar: [] } }),
      // @ts-expect-error -- it is called hidden_entity
      () => errorOf(read, 'hiden_entity'),
    ];

    expect(wrong).to.have.length(4);
  });
});
