import { expect } from 'chai';
import { Program } from './program.js';

describe('samples/hello', () => {
  it('answers, and ends when it is told to', async () => {
    await using program = await Program.start('samples/hello');

    const answer = await program.get('/api/hello/world');
    const end = await program.end('SIGTERM');

    expect(answer)
      .to.include({ status: 200 })
      .and.deep.include({ body: { greeting: 'Hello, world!' } });
    expect(end.code).to.equal(0);
  });
});
