import { expect } from 'chai';
import fc from 'fast-check';
import { createServiceRef, Inject, Plugin, Service, type Scope, type ServiceRef } from '../../decorators/index.js';
import { codesIn, planOf } from './plan-problems.js';

@Plugin({ pluginId: 'around' })
class PluginAround {}

/** Services by number, and which others each of them needs. */
interface Graph {
  readonly scope: Scope;
  readonly needs: readonly (readonly number[])[];
  /** In which order they are added. */
  readonly order: readonly number[];
}

const graphs: fc.Arbitrary<Graph> = fc.integer({ min: 1, max: 8 }).chain(size =>
  fc.record({
    scope: fc.constantFrom<Scope[]>('root', 'plugin'),
    needs: fc.array(fc.uniqueArray(fc.nat({ max: size - 1 }), { maxLength: 3 }), { minLength: size, maxLength: size }),
    order: fc.shuffledSubarray([...Array(size).keys()], { minLength: size }),
  }),
);

/** Each service a class, whose constructor takes what it needs. */
function featuresOf({ scope, needs, order }: Graph): unknown[] {
  const refs = needs.map((_, index) => createServiceRef<object>({ id: `random.s${index}`, scope }));
  return order.map(index =>
    classFor(
      refs[index]!,
      needs[index]!.map(need => refs[need]!),
    ),
  );
}

function classFor(ref: ServiceRef<object>, needs: readonly ServiceRef<object>[]): unknown {
  class RandomService {}
  for (const [index, need] of needs.entries()) (Inject(need) as ParameterDecorator)(RandomService, undefined, index);
  Service({ implements: ref, eager: true })(RandomService);
  return RandomService;
}

/** Takes away what needs nothing that is still there, until nothing is left or nothing can be taken. */
function hasCycle({ needs }: Graph): boolean {
  const left = new Set(needs.keys());
  for (let before = -1; before !== left.size;) {
    before = left.size;
    for (const node of left) if (!needs[node]!.some(need => left.has(need))) left.delete(node);
  }
  return left.size > 0;
}

/** The numbers of the services in the order in which the plan constructs them. */
async function constructionOrder(graph: Graph): Promise<number[]> {
  const { order } = await planOf(graph.scope === 'root' ? featuresOf(graph) : [...featuresOf(graph), PluginAround]);
  const titles = graph.scope === 'root' ? order.root : order.plugins['around']!.construct;
  return titles.flatMap(title => /random\.s(\d+)/.exec(title)?.[1] ?? []).map(Number);
}

describe('Any graph of services', () => {
  it('has a cycle by the plan just where it has one by taking away what needs nothing', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async graph => {
        const codes = new Set(await codesIn(featuresOf(graph)));

        expect([...codes]).to.deep.equal(hasCycle(graph) ? ['DEPENDENCY_CYCLE'] : []);
      }),
      { numRuns: 300 },
    );
  });

  it('without a cycle is constructed so that each service comes after what it needs, and once', async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs.filter(graph => !hasCycle(graph)),
        async graph => {
          const order = await constructionOrder(graph);

          expect(order.toSorted((a, b) => a - b)).to.deep.equal([...graph.needs.keys()]);
          for (const [node, needs] of graph.needs.entries()) {
            for (const need of needs) expect(order.indexOf(need)).to.be.below(order.indexOf(node));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is checked with graphs of both kinds', () => {
    const kinds = fc.sample(graphs, 200).map(hasCycle);

    expect(new Set(kinds)).to.deep.equal(new Set([true, false]));
  });
});
