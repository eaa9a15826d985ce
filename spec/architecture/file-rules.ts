import { Visitor } from 'oxc-parser';
import { placeRule, type Rule } from './rule.js';

/** What `package.json` exports; nothing else gathers what others define. */
const entries = [
  'lib/index.ts',
  'lib/contract/index.ts',
  'lib/testing/index.ts',
  'lib/cli/index.ts',
  'decorators/index.ts',
];

const limit = 250;

export const fileRules: readonly Rule[] = [
  placeRule(
    'is a barrel only where package.json exports it',
    ({ path, imports }, report) => {
      if (entries.includes(path)) return;
      if (path.endsWith('/index.ts')) report(0, 'is an inner barrel');
      if (imports.some(({ reexports }) => reexports)) report(0, 'passes on what another file defines');
      const barrel = imports.find(({ target }) => target?.endsWith('/index.ts'));
      if (barrel) report(0, `imports the barrel ${barrel.target}`);
    },
    {
      broken: [
        ['lib/plan/index.ts', 'export const one = 1;'],
        ['lib/plan/plan.ts', `export { at } from './declaration.js';`],
        ['lib/plan/plan.ts', `export type * from './declaration.js';`],
        ['lib/plan/plan.ts', `import { Plugin } from '../../decorators/index.js';`],
      ],
      kept: [
        ['lib/testing/index.ts', `export { override } from './override.js';`],
        ['lib/index.ts', `export * from '../decorators/index.js';`],
      ],
    },
  ),
  placeRule(
    'has no default export',
    ({ program }, report) => {
      new Visitor({
        ExportDefaultDeclaration: node => report(node.start, 'has a default export'),
        ExportSpecifier: node => {
          const { exported } = node;
          const name = exported.type === 'Literal' ? exported.value : exported.name;
          if (name === 'default') report(node.start, 'has a default export');
        },
      }).visit(program);
    },
    {
      broken: [
        ['lib/plan/plan.ts', 'export default class Plan {}'],
        ['lib/plan/plan.ts', 'class Plan {} export { Plan as default };'],
        ['lib/plan/plan.ts', `export { default } from './other.js';`],
      ],
      kept: [['lib/plan/plan.ts', 'export class Plan { readonly default = 1; }']],
    },
  ),
  placeRule(
    'has a name in kebab-case that says what it defines',
    ({ path }, report) => {
      const names = path.split('/');
      if (!names.every(name => /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.ts)?$/.test(name)) || !path.endsWith('.ts')) {
        report(0, 'is not in kebab-case, or not .ts');
      }
      if (/\/(?:types?|utils?|helpers?|constants?|common|misc)\.ts$/.test(path))
        report(0, 'says nothing of what it defines');
    },
    {
      broken: [
        ['lib/plan/ownerPlan.ts', ''],
        ['lib/plan/OwnerPlan.ts', ''],
        ['lib/plan/owner_plan.ts', ''],
        ['lib/Plan/plan.ts', ''],
        ['lib/plan/plan.mts', ''],
        ['lib/plan/types.ts', ''],
        ['lib/plan/helpers.ts', ''],
      ],
      kept: [['lib/plan/owner-plan.ts', '']],
    },
  ),
  placeRule(
    `has at most ${limit} lines`,
    ({ text }, report) => {
      const lines = text.trimEnd().split('\n').length;
      if (lines > limit) report(0, `has ${lines} lines: look for the second noun in it`);
    },
    {
      broken: [['lib/plan/plan.ts', 'one();\n'.repeat(limit + 1)]],
      kept: [['lib/plan/plan.ts', 'one();\n'.repeat(limit)]],
    },
  ),
];
