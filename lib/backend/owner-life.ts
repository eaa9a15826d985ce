import type { AnnotatedMethod, AnnotatedMethodReceiver, TakeOut } from '../api/annotated-method.js';
import type { CallSite } from '../../decorators/call-site.js';
import type { Scope } from '../container/scope.js';
import { BackplaneError } from '../errors/backplane-error.js';
import type { MethodPlan, OwnerPlan } from '../plan/owner-plan.js';
import { describeOwner } from '../plan/trail.js';
import type { Key } from '../plan/unit.js';
import { describePlace } from '../util/source-place.js';
import type { StopSteps } from './stop-steps.js';

interface Instance {
  init?(): unknown;
  shutdown?(): unknown;
}

/** Is told what comes next, before it is done; throws where it must not be. */
export type Progress = (step: string) => void;

/** One life of a plugin class, or of a module class: made, initialised, put into service, and shut down. */
export class OwnerLife {
  readonly #plan: OwnerPlan;
  readonly #scope: Scope;
  readonly #progress: Progress;
  readonly #served: (TakeOut | void)[] = [];
  /** There once `init()` is done: then there may be something to shut down. */
  #instance: Instance | undefined;

  constructor(plan: OwnerPlan, scope: Scope, progress: Progress) {
    this.#plan = plan;
    this.#scope = scope;
    this.#progress = progress;
  }

  get #title(): string {
    return describeOwner(this.#plan.owner);
  }

  /** Makes the class and its controllers, and runs `init()`. */
  async begin(): Promise<void> {
    const { main, controllers } = this.#plan;
    if (!main) return;
    const made = this.#ensure(main.key, `constructor of ${this.#title}`);
    if (made) await made;
    for (const controller of controllers) {
      const controllerMade = this.#ensure(controller, `controllers of ${this.#title}`);
      if (controllerMade) await controllerMade;
    }
    const instance = this.#scope.get(main.key) as Instance;
    this.#progress(`init() of ${this.#title}`);
    if (typeof instance.init === 'function') await this.#init(instance);
    this.#instance = instance;
  }

  /** Hands its annotated methods to the services that give them a meaning. Not before `init()`, which may fail. */
  async serve(): Promise<void> {
    for (const method of this.#plan.methods) {
      const receiverMade = this.#ensure(method.receiver.key, `routes and other methods of ${this.#title}`);
      if (receiverMade) await receiverMade;
      this.#hand(method);
    }
  }

  /** Takes back what it has handed over. */
  withdraw(): void {
    for (const takeOut of this.#served.splice(0)) takeOut?.();
  }

  /** Calls `shutdown()`, if `init()` was done and not undone yet. */
  async end(steps: StopSteps, timeout: number): Promise<void> {
    const instance = this.#instance;
    this.#instance = undefined;
    if (!instance || !('shutdown' in instance)) return;
    const { owner } = this.#plan;
    const title = `shutdown() of ${this.#title}`;
    const step = {
      title,
      subject: title,
      name: 'moduleId' in owner ? `shutdown() of module '${owner.moduleId}'` : 'shutdown()',
      pluginId: owner.pluginId,
      kind: 'shutdown',
      path: [`in ${this.#title}`],
      timeout,
      moreTime: 'raise backend.lifecycle.hookTimeout',
    } as const;
    // Looked at within the step: a getter is the author's code as well.
    await steps.run(step, () => (typeof instance.shutdown === 'function' ? instance.shutdown() : undefined));
  }

  #ensure(key: Key, step: string): void | Promise<void> {
    this.#progress(step);
    return this.#scope.ensure(key);
  }

  async #init(instance: Instance): Promise<void> {
    try {
      await instance.init!();
    } catch (error) {
      throw initFailed(this.#plan, error);
    }
  }

  #hand(plan: MethodPlan): void {
    const method = new HandedMethod(this.#plan.owner, plan, this.#scope.get(plan.instance) as Methods);
    this.#served.push((this.#scope.get(plan.receiver.key) as AnnotatedMethodReceiver).addMethod(method));
  }
}

type Methods = Readonly<Record<string, (...args: never[]) => unknown>>;

/** A class, so that its place can be worked out when somebody reads it, and it costs little where nobody does. */
class HandedMethod implements AnnotatedMethod {
  readonly pluginId: string;
  readonly moduleId?: string;
  readonly name: string;
  readonly decorator: string;
  readonly options: unknown;
  readonly middleware: readonly unknown[];
  readonly call: AnnotatedMethod['call'];
  readonly #site: CallSite | undefined;

  constructor(owner: OwnerPlan['owner'], { annotation, options, record }: MethodPlan, instance: Methods) {
    const { method, decorator, site } = annotation;
    this.pluginId = owner.pluginId;
    if ('moduleId' in owner) this.moduleId = owner.moduleId;
    this.name = `${record.name}.${method}`;
    this.decorator = decorator;
    this.options = options;
    this.middleware = record.middlewareOf(method);
    this.call = (...args) => instance[method]!(...args);
    this.#site = site;
  }

  get place(): string | undefined {
    return describePlace(this.#site);
  }
}

function initFailed({ owner, record }: OwnerPlan, cause: unknown): BackplaneError {
  const title = describeOwner(owner);
  const place = describePlace(record?.site);
  const key = `backend.startup.plugins.${owner.pluginId}`;
  const instead =
    'moduleId' in owner
      ? `let the plugin start without it: ${key}.modules.${owner.moduleId}.onPluginModuleBootFailure`
      : `let the backend start without it: ${key}.onPluginBootFailure`;
  return new BackplaneError({
    code: 'moduleId' in owner ? 'MODULE_INIT_FAILED' : 'PLUGIN_INIT_FAILED',
    message: `init() of ${title} failed`,
    path: [`in ${title}${place ? ` (${place})` : ''}`],
    fix: `fix the error below, or ${instead}: continue.`,
    cause,
  });
}
