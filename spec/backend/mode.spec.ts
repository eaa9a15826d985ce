import { expect } from 'chai';
import { modeOf, saidMode } from '../../lib/backend/mode.js';

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
      expect(saidMode({ argv: [...node, ...argv], env })).to.equal(mode);
    });
  }

  it('is production, where NODE_ENV is for others', () => {
    expect(modeOf({}, { argv: node, env: { NODE_ENV: 'staging' } })).to.equal('production');
  });

  it('is what the program gives, whatever else is said', () => {
    expect(modeOf({ mode: 'test' }, { argv: [...node, '--mode', 'fast'], env: {} })).to.equal('test');
  });

  for (const [by, argv, env] of [
    ['--mode', ['--mode', 'dev'], {}],
    ['--mode', ['--mode=dev'], {}],
    ['BACKPLANE_MODE', [], { BACKPLANE_MODE: 'dev', NODE_ENV: 'test' }],
  ] as const) {
    it(`is refused where ${by} says one that is none, rather than taken for production`, () => {
      expect(() => modeOf({}, { argv: [...node, ...argv], env })).to.throw(`${by} is 'dev', which is no mode`);
    });
  }
});
