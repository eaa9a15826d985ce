import { isBuiltin } from 'node:module';
import type { Rule } from './rule.js';
import type { Import, SourceFile } from './source-file.js';

interface PackageHome {
  /** The only places that load it. */
  readonly in: readonly string[];
  /** Its types may be used everywhere. */
  readonly typesEverywhere?: true;
}

/** What makes and removes databases for tests. */
const testServers = ['lib/testing/test-server.ts', 'lib/testing/test-database-kinds.ts'];

/** One home per dependency. A package that is not here has none yet. */
export const homes: Readonly<Record<string, PackageHome>> = {
  inversify: { in: ['lib/container/'] },
  koa: { in: ['lib/services/http/', 'lib/wire/'], typesEverywhere: true },
  'find-my-way': { in: ['lib/services/http/', 'lib/wire/'], typesEverywhere: true },
  helmet: { in: ['lib/services/http/'] },
  'node-forge': { in: ['lib/services/http/'] },
  jose: { in: ['lib/services/auth/jose-tokens.ts'] },
  '@opentelemetry/api': { in: ['lib/services/telemetry/'] },
  croner: { in: ['lib/services/scheduler/cron.ts'] },
  yaml: { in: ['lib/services/config/'] },
  ajv: { in: ['lib/services/config/'] },
  typeorm: { in: ['lib/services/database/'], typesEverywhere: true },
  libsql: { in: ['lib/services/database/sqlite-library.ts', 'lib/testing/test-database-kinds.ts'] },
  'better-sqlite3': { in: ['lib/services/database/sqlite-library.ts', 'lib/testing/test-database-kinds.ts'] },
  'sql.js': { in: ['lib/services/database/sqlite-library.ts', 'lib/testing/test-database-kinds.ts'] },
  pg: {
    in: ['lib/services/database/postgres-pools.ts', 'lib/services/events/postgres/load-pg.ts', ...testServers],
  },
  mysql2: { in: ['lib/services/database/mysql-pool.ts', ...testServers] },
  '@electric-sql/pglite': { in: ['lib/services/database/pglite-hosts.ts', 'lib/testing/test-database-kinds.ts'] },
  redis: { in: ['lib/services/redis/redis-library.ts'] },
  'lru-cache': { in: ['lib/services/cache/', 'lib/services/http/'] },
  'light-my-request': { in: ['lib/testing/'] },
  '@nats-io/transport-node': { in: ['lib/services/events/nats/'] },
  '@nats-io/jetstream': { in: ['lib/services/events/nats/'] },
  'reflect-metadata': { in: ['decorators/parameter-types.ts'] },
  '@standard-schema/spec': { in: [], typesEverywhere: true },
};

/** Where modules may be loaded whose name is not in the source: it is the features that are found there. */
const loadsFeatures = ['lib/scan/'];

/** What browsers load, or what is loaded before anything else, has nothing of Node in it. */
const withoutNode = ['lib/contract/'];

const packages = (file: SourceFile): Import[] => file.imports.filter(({ target }) => !target?.endsWith('.ts'));
const isAt = (path: string, places: readonly string[]): boolean => places.some(place => path.startsWith(place));

function packageRule(
  title: string,
  allows: (i: Import, path: string) => boolean,
  examples: Pick<Rule, 'broken' | 'kept'>,
): Rule {
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
        ['lib/services/http/http-settings.ts', `import type { Document } from 'yaml';`],
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
    'names what it loads, unless it loads features',
    ({ target }, path) => target !== undefined || isAt(path, loadsFeatures),
    {
      broken: [
        ['lib/services/http/http-server.ts', 'const loaded = await import(name);'],
        ['lib/services/http/http-server.ts', 'const loaded = await import(`./${name}.js`);'],
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
