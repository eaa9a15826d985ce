import { expect } from 'chai';
import { isErrorBody, type ErrorBody } from '../../lib/contract/error-body.js';

describe('isErrorBody()', () => {
  const accepted: [what: string, body: unknown][] = [
    ['the least there is', { error: { code: 'not_found', message: 'Not Found' }, requestId: 'a-1' }],
    [
      'details',
      { error: { code: 'bad_request', message: 'No', details: [{ pointer: '/a', rule: 'type' }] }, requestId: 'a-1' },
    ],
    ['details that are null', { error: { code: 'bad_request', message: 'No', details: null }, requestId: 'a-1' }],
    [
      'members of a later version',
      { error: { code: 'gone', message: 'Gone', help: '/docs' }, requestId: 'a-1', trace: 'b' },
    ],
    ['empty texts', { error: { code: '', message: '' }, requestId: '' }],
  ];
  for (const [what, body] of accepted) {
    it(`accepts ${what}`, () => {
      expect(isErrorBody(body)).to.equal(true);
      expect(isErrorBody(JSON.parse(JSON.stringify(body)))).to.equal(true);
    });
  }

  const refused: [what: string, body: unknown][] = [
    ['undefined', undefined],
    ['null', null],
    ['a text', 'Not Found'],
    ['a number', 404],
    ['a list', [{ code: 'not_found', message: 'Not Found' }]],
    ['an empty object', {}],
    ['no request id', { error: { code: 'not_found', message: 'Not Found' } }],
    ['a request id that is no text', { error: { code: 'not_found', message: 'Not Found' }, requestId: 1 }],
    ['no error', { requestId: 'a-1' }],
    ['an error that is a text', { error: 'not_found', requestId: 'a-1' }],
    ['an error that is null', { error: null, requestId: 'a-1' }],
    ['no code', { error: { message: 'Not Found' }, requestId: 'a-1' }],
    ['a code that is no text', { error: { code: 404, message: 'Not Found' }, requestId: 'a-1' }],
    ['no message', { error: { code: 'not_found' }, requestId: 'a-1' }],
    ['a message that is no text', { error: { code: 'not_found', message: {} }, requestId: 'a-1' }],
    ['an answer that is no error', { name: 'ada', requestId: 'a-1' }],
  ];
  for (const [what, body] of refused) {
    it(`refuses ${what}`, () => {
      expect(isErrorBody(body)).to.equal(false);
    });
  }

  it('gives what it accepts its type', () => {
    const parsed: unknown = { error: { code: 'not_found', message: 'Not Found' }, requestId: 'a-1' };

    // @ts-expect-error -- before the check nothing is known
    const unchecked: ErrorBody = parsed;
    const code = isErrorBody(parsed) ? parsed.error.code : undefined;

    expect([unchecked.requestId, code]).to.deep.equal(['a-1', 'not_found']);
  });
});
