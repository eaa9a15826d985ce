import type { AbstractClass, Token } from '../../decorators/tokens.js';
import type { JsonObject } from '../api/config-service.js';
import { RootHttpRouterService } from '../api/http-services.js';
import { Backend } from '../backend/backend.js';
import { saidMode } from '../backend/mode.js';
import type { StartupResult } from '../backend/startup-result.js';
import { framework } from '../composition-root.js';
import type { Scope } from '../container/scope.js';
import { BackplaneError } from '../errors/backplane-error.js';
import { declarationOf } from '../plan/declaration.js';
import { describePlan, type PlanDescription } from '../plan/describe-plan.js';
import type { Override } from '../plan/override.js';
import type { Key } from '../plan/unit.js';
import type { FeatureInput } from '../scan/collect-features.js';
import { TestRequest } from './test-request.js';

export interface TestBackendOptions {
  readonly features?: readonly FeatureInput[];
  readonly overrides?: readonly Override[];
  /** The whole configuration; files and the environment are not read. */
  readonly config?: JsonObject;
  /** Stand-ins for extension points, for modules that are tested without their plugin. */
  readonly extensionPoints?: readonly (readonly [Token, unknown])[];
}

/** Whose instance is meant: nobody's for a root service, a plugin's, or a module's. */
export interface Where {
  readonly pluginId?: string;
  readonly moduleId?: string;
}

/**
 * A real backend for tests: the same plan, containers, HTTP pipeline and stop, but no port, no files, no signals.
 *
 * Needs no test runner. A module whose plugin is not among the features gets an empty one. Refuses to run where the
 * mode is said to be `production`.
 */
export class TestBackend implements AsyncDisposable {
  readonly request: TestRequest;
  readonly result: StartupResult;
  readonly #engine: Engine;

  private constructor(engine: Engine, result: StartupResult) {
    this.#engine = engine;
    this.result = result;
    this.request = new TestRequest((request, response) =>
      (this.get(RootHttpRouterService).handler as (a: unknown, b: unknown) => void)(request, response),
    );
  }

  /** Rejects like `Backend.start()`. */
  static async start(options: TestBackendOptions = {}): Promise<TestBackend> {
    const engine = engineFor(options);
    return new TestBackend(engine, await engine.start());
  }

  /** Checks the wiring and constructs nothing. Rejects with every problem there is. */
  static async plan(options: TestBackendOptions = {}): Promise<PlanDescription> {
    return describePlan(await engineFor(options).plan());
  }

  /**
   * The instance of a service or of a private class. Throws `NOT_IN_BACKEND` where there is none there: private classes
   * and plugin services are constructed only where something needs them.
   */
  get<T>(token: Token<T> | AbstractClass<T>, where: Where = {}): T {
    return this.#engine.find(token, where) as T;
  }

  /** Rejects with `BackendStopError` where something did not end as it should. */
  async stop(): Promise<void> {
    await this.#engine.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function engineFor({ features = [], overrides = [], config = {}, extensionPoints = [] }: TestBackendOptions): Engine {
  if (saidMode() === 'production') {
    throw new BackplaneError({
      code: 'TEST_IN_PRODUCTION',
      message: 'TestBackend does not run in production mode',
      path: [],
      fix: 'unset NODE_ENV and BACKPLANE_MODE, or set them to test.',
    });
  }
  const { backend = {}, ...rest } = config;
  const silent = { listen: false, logger: { level: 'error' }, baseUrl: 'http://localhost', ...(backend as JsonObject) };
  return new Engine(framework, {
    features,
    overrides,
    extensionPoints,
    config: { ...rest, backend: silent },
    mode: 'test',
    placeholders: true,
  });
}

class Engine extends Backend {
  find(token: unknown, where: Where): unknown {
    const { containers, planned, plugins } = this.inspect() ?? {};
    if (!containers || !planned || !plugins) throw notFound(token, where, 'the backend has not started');
    const declaration = declarationOf(token, planned.plan.catalogue.reader);
    const key = declaration?.id ?? (token as Key);
    if (where.pluginId === undefined) return found(containers.root, key, token, where);
    const scopes = plugins.runner(where.pluginId)?.scopes;
    const scope = where.moduleId === undefined ? scopes?.plugin : scopes?.module(where.moduleId);
    if (!scope) throw notFound(token, where, 'there is no such plugin or module');
    return found(scope, key, token, where);
  }
}

function found(scope: Scope, key: Key, token: unknown, where: Where): unknown {
  try {
    return scope.get(key);
  } catch {
    throw notFound(token, where, 'nothing there needs it');
  }
}

function notFound(token: unknown, { pluginId, moduleId }: Where, why: string): BackplaneError {
  const name = typeof token === 'function' ? `Class ${token.name}` : 'The reference';
  const place =
    pluginId === undefined
      ? 'the backend'
      : `${moduleId === undefined ? '' : `module '${moduleId}' of `}plugin '${pluginId}'`;
  return new BackplaneError({
    code: 'NOT_IN_BACKEND',
    message: `${name} has no instance in ${place}: ${why}`,
    path: [`in ${place}`],
    fix: 'name the owner with { pluginId } or { pluginId, moduleId }; of a root service, neither.',
  });
}
