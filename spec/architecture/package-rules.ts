import { isBuiltin } from 'node:module';
import type { Rule } from './rule.js';
import type { Import, SourceFile } from './source-file.js';

interface PackageHome {
  /** The only places that load it. */
  readonly in: readonly string[];
  /** It is loaded only when asked for, since it is heavy. */
  readonly lazily?: true;
  /** Its types may be used everywhere. */
  readonly typesEverywhere?: true;
}

/** One home per dependency. A package that is not here has none yet. */
const homes: Readonly<Record<string, PackageHome>> = {
  inversify: { in: ['lib/container/'] },
  koa: { in: ['lib/services/http/', 'lib/wire/'], typesEverywhere: true },
  '@koa/router': { in: ['lib/services/http/', 'lib/wire/'], typesEverywhere: true },
  'find-my-way': { in: ['lib/services/http/', 'lib/wire/'], typesEverywhere: true },
  yaml: { in: ['lib/services/config/'], lazily: true },
  ajv: { in: ['lib/services/config/'], lazily: true },
  'light-my-request': { in: ['lib/testing/'] },
  'reflect-metadata': { in: ['decorators/parameter-types.ts'] },
  '@standard-schema/spec': { in: [], typesEverywhere: true },
};

/** The modules that have heavy packages. */
const lazyModules = ['lib/services/config/yaml-config.ts', 'lib/services/config/validate-config.ts'];

/** Where modules may be loaded whose name is not in the source: it is the features that are found there. */
const loadsFeatures = ['lib/scan/'];

/** What browsers load, or what is loaded before anything else, has nothing of Node in it. */
const withoutNode = ['lib/contract/'];

const packages = (file: SourceFile): Import[] => file.imports.filter(({ target }) => !target?.endsWith('.ts'));
const isAt = (path: string, places: readonly string[]): boolean => places.some(place => path.startsWith(place));

function packageRule(title: string, allows: (i: Import, path: string) => boolean, examples: Pick<Rule, 'broken' | 'kept'>): Rule {
  const violations = (file: SourceFile): string[] =>
    packages(file)
      .filter(i => !allows(i, file.path))
      .map(i => `${file.path}:${i.line} imports ${i.target ?? 'what it computes'} (${i.how})`);
  return { title, violations, ...examples };
}

export const packageRules: readonly Rule[] = [
  packageRule(
    'loads a package only where that has its home',
    ({ target = '', how }, path) => {
      const home = homes[target];
      if (target === '' || isBuiltin(target)) return true;
      return home !== undefined && (isAt(path, home.in) || (how === 'type' && home.typesEverywhere === true));
    },
    {
      broken: [
        ['lib/plan/plan.ts', `import { Container } from 'inversify';`],
        ['lib/plan/plan.ts', `import type { Container } from 'inversify';`],
        ['lib/api/http-services.ts', `import Koa from 'koa';`],
        ['lib/api/http-services.ts', `import { type Middleware } from 'koa';`],
        ['lib/services/health/health.ts', `const { default: Router } = await import('@koa/router');`],
        ['lib/backend/backend.ts', `export { default } from 'find-my-way';`],
        ['lib/services/logger/root-logger.ts', `import type { Logger } from 'pino';`],
        ['lib/services/logger/log-pipeline.ts', `await import('yaml');`],
        ['lib/plan/config-section.ts', `import { Ajv } from 'ajv/dist/2020.js';`],
        ['lib/services/http/http-server.ts', `import { inject } from 'light-my-request';`],
        ['lib/index.ts', `import 'reflect-metadata';`],
        ['decorators/config-of.ts', `import { SchemaError } from '@standard-schema/spec';`],
        ['lib/util/deep-merge.ts', `import merge from 'lodash';`],
      ],
      kept: [
        ['lib/container/containers.ts', `import { Container } from 'inversify';`],
        ['decorators/use.ts', `import type { Middleware } from 'koa';`],
        ['lib/services/http/http-application.ts', `import Koa from 'koa';`],
        ['decorators/parameter-types.ts', `import 'reflect-metadata';`],
        ['lib/util/source-place.ts', `import { readFileSync } from 'node:fs';`],
      ],
    },
  ),
  packageRule(
    'loads heavy packages only in modules that are loaded when asked for',
    // Not with import() right away: a bundle keeps the named exports of our modules only, not those of CommonJS.
    ({ target = '', how }, path) =>
      homes[target]?.lazily === undefined || how === 'type' || (how === 'static' && lazyModules.includes(path)),
    {
      broken: [
        ['lib/services/config/read-configuration.ts', `import { parse } from 'yaml';`],
        ['lib/services/config/read-configuration.ts', `import { type Document } from 'yaml';`],
        ['lib/services/config/check-configuration.ts', `export * from 'ajv';`],
        ['lib/services/config/yaml-config.ts', `const { parse } = await import('yaml');`],
      ],
      kept: [
        ['lib/services/config/yaml-errors.ts', `import type { ErrorCode } from 'yaml';`],
        ['lib/services/config/yaml-config.ts', `import { Parser } from 'yaml';`],
      ],
    },
  ),
  {
    title: 'loads a module that has a heavy package only when asked for',
    violations: file =>
      file.imports
        .filter(({ target = '', how }) => lazyModules.includes(target) && how === 'static')
        .map(({ target, line }) => `${file.path}:${line} imports ${target} (static)`),
    broken: [
      ['lib/services/config/read-configuration.ts', `import { YamlReader } from './yaml-config.js';`],
      ['lib/services/config/check-configuration.ts', `export * from './validate-config.js';`],
    ],
    kept: [
      ['lib/services/config/config-file-reader.ts', `import type { YamlReader } from './yaml-config.js';`],
      ['lib/services/config/read-configuration.ts', `const { YamlReader } = await import('./yaml-config.js');`],
    ],
  },
  packageRule(
    'names what it loads, unless it loads features',
    ({ target }, path) => target !== undefined || isAt(path, loadsFeatures),
    {
      broken: [
        ['lib/services/http/http-server.ts', 'const loaded = await import(name);'],
        ['lib/services/http/http-server.ts', "const loaded = await import(`./${name}.js`);"],
        ['lib/services/http/http-server.ts', 'const loaded = require(name);'],
      ],
      kept: [['lib/scan/import-feature.ts', 'const loaded = await import(url);']],
    },
  ),
  packageRule(
    'uses Node nowhere in what a browser loads',
    ({ target = '', how }, path) => !isBuiltin(target) || how === 'type' || !isAt(path, withoutNode),
    {
      broken: [
        ['lib/contract/client.ts', `import { Agent } from 'node:http';`],
        ['lib/contract/client.ts', `const { Agent } = await import('http');`],
      ],
      kept: [['lib/contract/client.ts', `export const one = 1;`]],
    },
  ),
];
