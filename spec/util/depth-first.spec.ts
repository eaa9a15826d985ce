import { expect } from 'chai';
import { walkDepthFirst } from '../../lib/util/depth-first.js';

describe('walkDepthFirst()', () => {
  const graph: Readonly<Record<string, readonly string[]>> = { a: ['b', 'd'], b: ['c'], c: [], d: ['e'], e: [] };
  const ways = ['a', 'a b', 'a b c', 'a d', 'a d e'];

  it('tells the way to each node, whether or not it is asked what it leaves', () => {
    const [plain, leaving]: string[][] = [[], []];
    const left: string[] = [];
    const enter = (to: string[]) => (node: string, way: readonly string[]) => {
      to.push([...way, node].join(' '));
      return graph[node];
    };

    walkDepthFirst(['a'], { enter: enter(plain!) });
    walkDepthFirst(['a'], { enter: enter(leaving!), leave: node => left.push(node) });

    expect([plain, leaving]).to.deep.equal([ways, ways]);
    expect(left).to.deep.equal(['c', 'b', 'e', 'd', 'a']);
  });
});
