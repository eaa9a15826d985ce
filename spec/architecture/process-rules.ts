import { Visitor, type MemberExpression } from 'oxc-parser';
import { placeRule, type Rule } from './rule.js';
import type { SourceFile } from './source-file.js';

const isAt = ({ path }: SourceFile, ...places: string[]): boolean => places.some(place => path.startsWith(place));

/** What is read of `object`, as `exit` of `process.exit` and of `process['exit']`. */
function memberOf(node: MemberExpression, object: string): string | undefined {
  if (node.object.type !== 'Identifier' || node.object.name !== object) return undefined;
  if (node.property.type === 'Literal') return String(node.property.value);
  return node.computed || node.property.type !== 'Identifier' ? '(computed)' : node.property.name;
}

/** Reports each use of `object.member`, of what is taken out of `object`, and of the module `node:<object>`. */
function findMembers(
  { program }: SourceFile,
  object: string,
  isMeant: (member: string) => boolean,
  report: (offset: number, what: string) => void,
): void {
  new Visitor({
    MemberExpression: node => {
      const member = memberOf(node, object);
      if (member !== undefined && isMeant(member)) report(node.start, `uses ${object}.${member}`);
    },
    VariableDeclarator: node => {
      if (node.init?.type !== 'Identifier' || node.init.name !== object || node.id.type !== 'ObjectPattern') return;
      for (const property of node.id.properties) {
        const name =
          property.type === 'Property' && property.key.type === 'Identifier' ? property.key.name : '(computed)';
        if (isMeant(name)) report(node.start, `takes ${name} out of ${object}`);
      }
    },
    ImportDeclaration: node => {
      if (node.source.value.replace('node:', '') === object) report(node.start, `imports ${node.source.value}`);
    },
  }).visit(program);
}

export const processRules: readonly Rule[] = [
  placeRule(
    'ends the process only in the CLI and in the process host',
    (file, report) => {
      // The last asks whether another process lives, which is a signal that ends nothing.
      if (isAt(file, 'lib/cli/', 'lib/backend/process-host.ts', 'lib/services/database/pglite-lock.ts')) return;
      const endings = ['exit', 'exitCode', 'abort', 'kill', 'reallyExit', '(computed)'];
      findMembers(file, 'process', member => endings.includes(member), report);
    },
    {
      broken: [
        ['lib/backend/backend.ts', 'process.exit(1);'],
        ['lib/backend/backend.ts', `process['exit'](1);`],
        ['lib/backend/backend.ts', 'process.exitCode = 1;'],
        ['lib/backend/backend.ts', 'const { exit } = process;'],
        ['lib/backend/backend.ts', `import { exit } from 'node:process';`],
        ['lib/backend/backend.ts', 'process[how](1);'],
      ],
      kept: [
        ['lib/backend/process-host.ts', 'process.exit(70);'],
        ['lib/cli/index.ts', 'process.exitCode = 1;'],
        ['lib/backend/backend.ts', 'const folder = process.cwd(); // not process.exit()'],
      ],
    },
  ),
  placeRule(
    'prints only in the CLI, in the process host and in the log',
    (file, report) => {
      if (isAt(file, 'lib/cli/', 'lib/backend/process-host.ts')) return;
      findMembers(file, 'console', () => true, report);
      if (isAt(file, 'lib/services/logger/')) return;
      findMembers(file, 'process', member => ['stdout', 'stderr'].includes(member), report);
    },
    {
      broken: [
        ['lib/plan/plan.ts', `console.log('planned');`],
        ['lib/services/logger/log-pipeline.ts', 'const { error } = console;'],
        ['lib/plan/plan.ts', `import { log } from 'node:console';`],
        ['lib/backend/backend.ts', `process.stderr.write('failed');`],
      ],
      kept: [
        ['lib/cli/index.ts', 'process.stdout.write(usage);'],
        ['lib/services/logger/pino-root-logger.ts', 'const output = process.stdout;'],
      ],
    },
  ),
  placeRule(
    'reads the mode only in lib/backend/mode.ts',
    (file, report) => {
      if (isAt(file, 'lib/backend/mode.ts')) return;
      const meant = ['NODE_ENV', 'BACKPLANE_MODE'];
      new Visitor({
        Identifier: node => {
          if (meant.includes(node.name)) report(node.start, `names ${node.name}`);
        },
        Literal: node => {
          if (meant.includes(String(node.value))) report(node.start, `names ${String(node.value)}`);
        },
      }).visit(file.program);
    },
    {
      broken: [
        ['lib/services/http/http-settings.ts', `const strict = process.env.NODE_ENV === 'production';`],
        ['lib/services/http/http-settings.ts', `const strict = process.env['NODE_ENV'] === 'production';`],
        ['lib/services/http/http-settings.ts', 'const { NODE_ENV: mode } = process.env;'],
        ['lib/backend/built-ins.ts', `const mode = env['BACKPLANE_MODE'];`],
      ],
      kept: [
        ['lib/backend/mode.ts', `const said = env['NODE_ENV'];`],
        ['lib/testing/test-backend.ts', `const fix = 'unset NODE_ENV and BACKPLANE_MODE';`],
      ],
    },
  ),
  placeRule(
    'reads the metadata of the compiler only in decorators/parameter-types.ts',
    (file, report) => {
      if (isAt(file, 'decorators/parameter-types.ts')) return;
      findMembers(file, 'Reflect', member => /metadata|\(computed\)|^decorate$/i.test(member), report);
    },
    {
      broken: [
        ['lib/api/class-record.ts', `const types = Reflect.getMetadata('design:paramtypes', target);`],
        ['lib/api/class-record.ts', `Reflect['defineMetadata']('a', 1, target);`],
        ['decorators/service.ts', `const { getOwnMetadata } = Reflect;`],
      ],
      kept: [
        ['decorators/parameter-types.ts', `const types = Reflect.getOwnMetadata('design:paramtypes', target);`],
        ['lib/services/http/hidden-server.ts', 'const value = Reflect.get(target, key);'],
      ],
    },
  ),
];
