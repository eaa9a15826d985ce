import type { Rule } from './rule.js';
import type { Import, SourceFile } from './source-file.js';

interface Layer {
  /** The layers it may import; itself is one of them. */
  readonly uses: readonly string[];
  /** The layers of which it may import types, besides. */
  readonly typesOf?: readonly string[];
}

const bottom = ['decorators', 'contract', 'errors', 'util'];
const service: Layer = { uses: ['api', ...bottom] };

/** Dependencies point one way. A folder that is not here has no place yet: decide what it may import. */
const layers: Readonly<Record<string, Layer>> = {
  util: { uses: [] },
  contract: { uses: [] },
  decorators: { uses: [], typesOf: ['contract', 'api'] },
  errors: { uses: ['util'] },
  api: { uses: bottom },
  scan: { uses: ['api', ...bottom] },
  plan: { uses: ['api', ...bottom] },
  container: { uses: ['api', ...bottom], typesOf: ['plan'] },
  backend: { uses: ['plan', 'container', 'scan', 'api', ...bottom] },
  wire: service,
  'services/auth': service,
  'services/auditor': service,
  'services/cache': service,
  'services/config': service,
  'services/database': service,
  'services/discovery': service,
  'services/events': service,
  'services/health': service,
  'services/http': service,
  'services/logger': service,
  'services/redis': service,
  'services/scheduler': service,
  'services/telemetry': service,
  'composition-root.ts': { uses: ['services', 'wire', 'backend', 'plan', 'scan', 'api', ...bottom] },
  'given-services.ts': { uses: ['services', 'api', ...bottom] },
  'default-backend.ts': { uses: ['composition-root.ts', 'backend', 'plan', 'api', ...bottom] },
  'index.ts': { uses: ['default-backend.ts', 'backend', 'plan', 'api', ...bottom] },
  testing: {
    uses: ['composition-root.ts', 'given-services.ts', 'backend', 'container', 'plan', 'scan', 'api', ...bottom],
  },
  cli: { uses: ['default-backend.ts', 'backend', 'plan', 'api', ...bottom] },
};

/** `plan`, `services/http`, `index.ts`, … */
function layerOf(path: string): string {
  const [first = '', second = '', third = ''] = path.split('/');
  if (first !== 'lib') return first;
  return second === 'services' ? `services/${third}` : second;
}

function violationsOf(file: SourceFile): string[] {
  const from = layerOf(file.path);
  const layer = layers[from];
  if (!layer) return [`${file.path} is in '${from}', of which nobody has said what it may import`];
  return file.imports
    .filter(i => !mayImport(from, layer, i))
    .map(i => `${file.path}:${i.line} imports ${i.target} (${i.how})`);
}

function mayImport(from: string, layer: Layer, { target, how }: Import): boolean {
  if (!target?.endsWith('.ts')) return true;
  const to = layerOf(target);
  const names = [to, ...(to.startsWith('services/') ? ['services'] : [])];
  const allowed = [from, ...layer.uses, ...(how === 'type' ? (layer.typesOf ?? []) : [])];
  return names.some(name => allowed.includes(name));
}

export const layerRules: readonly Rule[] = [
  {
    title: 'imports only from its own layer and those below',
    violations: violationsOf,
    broken: [
      ['decorators/plugin.ts', `import { LoggerService } from '../lib/api/logger-service.js';`],
      ['decorators/plugin.ts', `import { type PluginContext } from '../lib/api/http-services.js';`],
      ['decorators/plugin.ts', `import type { Plan } from '../lib/plan/plan.js';`],
      ['lib/contract/error-body.ts', `import { closest } from '../util/did-you-mean.js';`],
      ['lib/contract/error-body.ts', `import type { Problem } from '../errors/problem.js';`],
      ['lib/util/duration.ts', `import type { Problem } from '../errors/problem.js';`],
      ['lib/errors/problem.ts', `import { annotationsOf } from '../../decorators/annotations.js';`],
      ['lib/api/feature.ts', `import type { Plan } from '../plan/plan.js';`],
      ['lib/plan/load-defaults.ts', `import { importProblem } from '../scan/import-problem.js';`],
      ['lib/scan/collect-features.ts', `export { at } from '../plan/declaration.js';`],
      ['lib/container/scope.ts', `import { UnitTable } from '../plan/unit.js';`],
      ['lib/container/scope.ts', `import type { BackendStatus } from '../backend/backend-status.js';`],
      ['lib/plan/plan.ts', `type C = import('../container/containers.js').BackendContainers;`],
      ['lib/backend/backend.ts', `const { framework } = await import('../composition-root.js');`],
      ['lib/backend/backend.ts', `import type { RootConfig } from '../services/config/root-config.js';`],
      ['lib/services/http/gate.ts', `import { RootLogger } from '../logger/root-logger.js';`],
      ['lib/services/http/gate.ts', `import type { BackendStatus } from '../../backend/backend-status.js';`],
      ['lib/default-backend.ts', `export { RootLogger } from './services/logger/root-logger.js';`],
      ['lib/testing/test-backend.ts', `import { RootConfig } from '../services/config/root-config.js';`],
      ['lib/cli/index.ts', `import { TestBackend } from '../testing/test-backend.js';`],
      ['lib/plan/plan.ts', `import { expect } from '../../spec/expect.js';`],
      ['lib/plan/plan.ts', `const { version } = require('../backend/version.js');`],
      ['lib/shared/thing.ts', `export const thing = 1;`],
      ['lib/services/mail/mailer.ts', `export const mailer = 1;`],
    ],
    kept: [
      ['decorators/routes.ts', `import type { PluginContext } from '../lib/api/http-services.js';`],
      ['lib/errors/import-problem.ts', `import { DeadlineExceeded } from '../util/deadline.js';`],
      ['lib/container/scope.ts', `import type { UnitTable } from '../plan/unit.js';`],
      [
        'lib/services/http/gate.ts',
        `import { HttpError } from '../../errors/http-error.js'; import './middleware.js';`,
      ],
      [
        'lib/composition-root.ts',
        `import { Http } from './services/http/http.js'; import type { F } from './backend/f.js';`,
      ],
    ],
  },
];
