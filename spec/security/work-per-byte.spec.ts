import { expect } from 'chai';
import { z } from 'zod';
import { post } from '../../lib/contract/operation-drafts.js';
import { OperationsFixture } from '../wire/server/operations-fixture.js';

interface Tree {
  child?: Tree | undefined;
}

const Left: z.ZodType<Tree> = z.object({
  get child() {
    return z.union([Left, Right]).optional();
  },
  left: z.string().optional(),
});
const Right: z.ZodType<Tree> = z.object({
  get child() {
    return z.union([Left, Right]).optional();
  },
  right: z.string().optional(),
});

function nested(depth: number, innermost: object): object {
  let value = innermost;
  for (let level = 0; level < depth; level++) value = { child: value };
  return value;
}

/** With the time that this process has computed meanwhile, in ms: a busy machine is slow. */
async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const before = process.cpuUsage();
  const done = await work();
  const { user, system } = process.cpuUsage(before);
  return [done, (user + system) / 1_000];
}

describe('A request costs no more work than its bytes are worth', () => {
  it('where alternatives that hold themselves are nested as deep as may be, and are not as declared', async () => {
    await using server = await OperationsFixture.start();
    server.serve(post('/trees', { body: z.object({ tree: z.union([Left, Right]) }) }), () => undefined);
    const body = { tree: nested(58, { left: 'a', bogus: 1, worse: 2 }) };

    const [answer, time] = await timed(() => server.ask('POST /trees', { body }));

    expect(answer.status).to.equal(400);
    expect(time).to.be.lessThan(1_000);
  });

  it('where such alternatives are answered, and hold what is not declared', async () => {
    await using server = await OperationsFixture.start();
    server.serve(post('/trees', { response: z.union([Left, Right]) }), () =>
      nested(58, { right: 'a', secret: 'b', child: { left: 'c', secret: 'd' } }),
    );

    const [answer, time] = await timed(() => server.ask('POST /trees'));

    expect(answer.body).to.deep.equal(nested(58, { right: 'a', child: { left: 'c' } }));
    expect(time).to.be.lessThan(1_000);
  });

  for (const [what, text] of [
    ['numbers', `[${'1,'.repeat(500_000)}x`],
    ['words', `[${'true,'.repeat(200_000)}x`],
    ['characters that are escaped', `"${'\\n'.repeat(500_000)}`],
    ['open brackets', '[1],'.repeat(250_000)],
  ] as const) {
    it(`where a megabyte of ${what} is no JSON`, async () => {
      await using server = await OperationsFixture.start();
      server.serve(post('/any', { body: z.unknown() }), () => undefined);

      const [answer, time] = await timed(() =>
        server.ask('POST /any', { headers: { 'content-type': 'application/json' }, body: text }),
      );

      expect(answer.body).to.have.nested.property('error.code', 'invalid_json');
      expect(time).to.be.lessThan(900);
    });
  }
});
