import { inspect } from 'node:util';
import type { AbstractClass, Token } from '../../decorators/tokens.js';
import { type JsonObject, RootConfigService } from '../api/config-service.js';
import { RootHttpRouterService } from '../api/http-services.js';
import type { Duration } from '../api/duration.js';
import { SchedulerClock } from '../api/scheduler-clock.js';
import { SchedulerService, type TaskRunRecord } from '../api/scheduler-service.js';
import { Backend } from '../backend/backend.js';
import { checkOptions } from '../backend/check-options.js';
import type { StartupResult } from '../backend/startup-result.js';
import { framework } from '../composition-root.js';
import { type GivenConfig } from '../given-services.js';
import type { Scope } from '../container/scope.js';
import { BackplaneError } from '../errors/backplane-error.js';
import { declarationOf } from '../plan/declaration.js';
import { describePlan, type PlanDescription } from '../plan/describe-plan.js';
import type { Override } from '../plan/override.js';
import type { Plan } from '../plan/plan.js';
import type { Key } from '../plan/unit.js';
import type { FeatureInput } from '../scan/collect-features.js';
import { closest } from '../util/did-you-mean.js';
import { parseDuration } from '../util/duration.js';
import { pause } from '../util/pause.js';
import { describePlace } from '../util/source-place.js';
import { BackendTestClock, TestClock } from './test-clock.js';
import { TestAuth, TestUserInfo } from './test-credentials.js';
import { refuseProduction } from './refuse-production.js';
import { testRules } from './test-rules.js';
import { TestRequest } from './test-request.js';

export interface TestBackendOptions {
  readonly features?: readonly FeatureInput[];
  readonly overrides?: readonly Override[];
  /** The whole configuration; files and the environment are not read. */
  readonly config?: JsonObject;
  /**
   * Whether tasks run by the clock of the machine, the global ones leased in the plugin's database. By default time stands
   * still for them: see `clock`.
   */
  readonly realTime?: boolean;
  /** Stand-ins for extension points, for modules that are tested without their plugin. */
  readonly extensionPoints?: readonly (readonly [Token, unknown])[];
}

export interface RunTaskOptions {
  readonly pluginId: string;
  readonly timeout?: Duration;
}

/** In ms. */
const longestRun = 10_000;

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

  /**
   * The time by which tasks run. It stands still, and so do they, until a test moves it. Throws `NOT_IN_BACKEND` where no
   * plugin has tasks, or where they run in real time.
   */
  get clock(): TestClock {
    const clock = this.get(SchedulerClock);
    if (clock instanceof TestClock) return clock;
    throw notFound(SchedulerClock, {}, 'tasks run in real time here');
  }

  /**
   * Lets a task run now, waits for its end, and gives what has become of it. Rejects like `SchedulerService.triggerTask()`,
   * and with `TASK_NOT_ENDED` where it goes on after `timeout` by the clock of the machine, by default 10 s.
   */
  async runTask(id: string, where: RunTaskOptions): Promise<TaskRunRecord> {
    const { pluginId, timeout = longestRun } = where;
    const limit = parseDuration(timeout);
    if (limit === undefined) throw new TypeError(`runTask() takes a timeout such as '30s', not ${inspect(timeout)}`);
    const scheduler = this.get(SchedulerService, { pluginId });
    const { clock } = this;
    const deadline = performance.now() + limit;
    await scheduler.triggerTask(id);
    const isRunning = async (): Promise<boolean> => {
      await clock.settle();
      return (await scheduler.getTasks()).some(task => task.id === id && task.status === 'running');
    };
    while (await isRunning()) {
      if (performance.now() >= deadline) throw taskNotEnded(pluginId, id, limit);
      await pause(5);
    }
    const [last] = await scheduler.getHistory(id);
    return last!;
  }

  /** Rejects with `BackendStopError` where something did not end as it should. */
  async stop(): Promise<void> {
    await this.#engine.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function engineFor(options: TestBackendOptions): Engine {
  checkOptions(options, testRules);
  const { features = [], overrides = [], config = {}, extensionPoints = [], realTime = false } = options;
  refuseProduction('TestBackend');
  const given = givenConfiguration(overrides);
  const { backend = {}, ...rest } = { ...(given?.getOptional() as JsonObject | undefined), ...config };
  const silent = { listen: false, logger: { level: 'error' }, ...(backend as JsonObject) };
  const data = { ...rest, backend: silent };
  given?.update(data);
  const services = [...framework.services, TestAuth, TestUserInfo, ...(realTime ? [] : [BackendTestClock])];
  return new Engine(
    { ...framework, services },
    {
      features,
      overrides,
      extensionPoints,
      config: data,
      mode: 'test',
      root: process.cwd(),
      placeholders: true,
    },
  );
}

/**
 * A configuration that a test overrides is the configuration of the whole backend, with what keeps tests silent. Throws
 * `NOT_OVERRIDABLE` for what would be there only after it has been read.
 */
function givenConfiguration(overrides: readonly Override[]): GivenConfig | undefined {
  const override = overrides.findLast(({ token, pluginId }) => token === RootConfigService && pluginId === undefined);
  if (!override) return undefined;
  const { recipe, origin, site } = override;
  if (recipe.by === 'value' && isGiven(recipe.value)) return recipe.value;
  const place = describePlace(site);
  throw new BackplaneError({
    code: 'NOT_OVERRIDABLE',
    message: 'The configuration is read before anything is made, so only data can be put in its place',
    path: [`in ${origin}${place ? ` (${place})` : ''}`],
    fix: 'write override(RootConfigService).withValue(mockServices.rootConfig({ data })).',
  });
}

function isGiven(value: unknown): value is GivenConfig {
  return value instanceof RootConfigService && 'update' in value;
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
    if (!scope) throw notFound(token, where, absence(where, planned.plan));
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

/** Why there are no instances of a plugin or module. */
function absence({ pluginId = '', moduleId }: Where, { plugins }: Plan): string {
  const plugin = plugins.find(plan => plan.pluginId === pluginId);
  const ids = plugins.map(plan => plan.pluginId);
  const moduleIds = plugin?.modules.flatMap(({ owner }) => ('moduleId' in owner ? [owner.moduleId] : [])) ?? [];
  if (plugin && (moduleId === undefined || moduleIds.includes(moduleId))) return `plugin '${pluginId}' is not running`;
  const near = plugin ? closest(moduleId ?? '', moduleIds) : closest(pluginId, ids);
  const what = plugin ? `plugin '${pluginId}' has no module '${moduleId}'` : `there is no plugin '${pluginId}'`;
  return near ? `${what}; did you mean '${near}'?` : what;
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

function taskNotEnded(pluginId: string, id: string, waited: number): BackplaneError {
  return new BackplaneError({
    code: 'TASK_NOT_ENDED',
    message: `Task '${id}' of plugin '${pluginId}' still runs ${waited} ms after runTask() has begun it`,
    path: [`in plugin '${pluginId}'`],
    fix: 'see what it waits for, or give runTask() a longer timeout; for one that ends when its signal aborts, use triggerTask() and cancelTask() of SchedulerService.',
  });
}
