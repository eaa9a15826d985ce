import { expect } from 'chai';
import { saidMode } from '../../lib/backend/mode.js';

const node = ['node', 'index.js'];

describe('The mode', () => {
  const cases: [what: string, argv: string[], env: Record<string, string>, mode: string | undefined][] = [
    ['--mode', ['--mode', 'development'], { BACKPLANE_MODE: 'test', NODE_ENV: 'test' }, 'development'],
    ['--mode=', ['--mode=test'], { NODE_ENV: 'production' }, 'test'],
    ['BACKPLANE_MODE, where there is no --mode', [], { BACKPLANE_MODE: 'test', NODE_ENV: 'development' }, 'test'],
    ['NODE_ENV, where there is neither', [], { NODE_ENV: 'development' }, 'development'],
    ['nobody, where nothing is said', [], {}, undefined],
    ['nobody, where it is none of the three', [], { NODE_ENV: 'staging' }, undefined],
    [
      'nobody, where --mode says none of the three, whatever else is said',
      ['--mode', 'x'],
      { NODE_ENV: 'test' },
      undefined,
    ],
  ];
  for (const [what, argv, env, mode] of cases) {
    it(`is said by ${what}`, () => {
      expect(saidMode([...node, ...argv], env)).to.equal(mode);
    });
  }
});
