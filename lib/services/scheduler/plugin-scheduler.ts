import { Inject, Optional } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import type { AnnotatedMethod, TakeOut } from '../../api/annotated-method.js';
import { keepAccount } from '../../api/attribution.js';
import { AuditorService } from '../../api/auditor-service.js';
import { BackendStatusService, type BackendEvent } from '../../api/backend-status-service.js';
import { RootConfigService } from '../../api/config-service.js';
import { DatabaseService } from '../../api/database-service.js';
import { HttpRouterService } from '../../api/http-services.js';
import { LifecycleService } from '../../api/lifecycle-service.js';
import { LoggerService } from '../../api/logger-service.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import { MetricsService } from '../../api/metrics-service.js';
import { RootAuditService } from '../../api/root-audit-service.js';
import { SchedulerClock } from '../../api/scheduler-clock.js';
import {
  SchedulerService,
  type TaskFunction,
  type TaskOptions,
  type TaskRunRecord,
  type TaskState,
} from '../../api/scheduler-service.js';
import { TracingService } from '../../api/tracing-service.js';
import { AuditedActions } from './audited-actions.js';
import { GlobalTasks } from './global-tasks.js';
import { globalStates, runningRecord } from './global-states.js';
import { LocalTasks } from './local-tasks.js';
import { MemoryTaskStore } from './memory-task-store.js';
import { keptTask, notEnded, notRunning, running, unknownTask } from './scheduler-errors.js';
import { addSchedulerRoutes } from './scheduler-routes.js';
import { readSchedulerSettings } from './scheduler-settings.js';
import type { SoundTask } from './sound-task.js';
import { SqlTaskStore } from './sql-task-store.js';
import { TaskReports } from './task-reports.js';
import type { TaskStore } from './task-store.js';

/** Beyond it a timer of Node ends at once; the whole start has a deadline of its own. */
const unlimited = 2 ** 31 - 1;

/** The tasks of one plugin, in this instance: they begin once the plugin is ready, and end first when it stops. */
@Service({ implements: SchedulerService })
export class PluginScheduler extends SchedulerService implements Disposable {
  static {
    Object.freeze(this.prototype);
  }

  readonly #pluginId: string;
  readonly #lifecycle: LifecycleService;
  readonly #store: TaskStore;
  readonly #global: GlobalTasks;
  readonly #local: LocalTasks;
  readonly #tasks = new Map<string, SoundTask>();
  readonly #actions: AuditedActions;
  readonly #stopLimit: number;
  readonly #removeRoutes: () => void;
  readonly #unsubscribe: () => void;
  #hasStarted = false;
  #ended: Promise<unknown> | undefined;

  constructor(
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
    @Inject(RootConfigService) config: RootConfigService,
    @Inject(DatabaseService) database: DatabaseService,
    @Inject(SchedulerClock) clock: SchedulerClock,
    @Inject(BackendStatusService) status: BackendStatusService,
    @Inject(LifecycleService) lifecycle: LifecycleService,
    @Inject(HttpRouterService) router: HttpRouterService,
    @Inject(AuditorService) auditor: AuditorService,
    @Inject(LoggerService) logger: LoggerService,
    @Inject(MetricsService) metrics: MetricsService,
    @Inject(TracingService) tracing: TracingService,
    @Optional() @Inject(RootAuditService) audit?: RootAuditService,
  ) {
    super();
    const pluginId = (this.#pluginId = plugin.getId());
    const settings = readSchedulerSettings(config);
    const reports = new TaskReports({ pluginId, logger, metrics, tracing, audit });
    const dataSource = (): ReturnType<DatabaseService['getDataSource']> => database.getDataSource();
    const { lease, history } = settings;
    this.#store =
      clock.isManual || database.isInMemory
        ? new MemoryTaskStore({ clock, lease, history, dataSource })
        : new SqlTaskStore({ pluginId, lease, history, dataSource });
    this.#global = new GlobalTasks({ pluginId, store: this.#store, clock, settings, reports });
    this.#local = new LocalTasks({ pluginId, clock, settings, reports });
    this.#lifecycle = lifecycle;
    // So that there is time to say which tasks do not end before the hook is given up.
    this.#stopLimit = 0.8 * (config.getOptionalDuration('backend.lifecycle.hookTimeout') ?? 5_000);
    const trigger = (id: string): Promise<void> => this.#trigger(id);
    this.#actions = new AuditedActions(auditor, { trigger, cancel: id => this.#cancel(id) });
    this.#removeRoutes = addSchedulerRoutes({ pluginId, router, scheduler: this, actions: this.#actions });
    const prepare = async (): Promise<void> => (this.#global.isEmpty ? undefined : this.#global.prepare());
    lifecycle.addStartupHook(prepare, { name: 'global tasks', timeout: unlimited });
    this.#unsubscribe = status.subscribe(event => this.#follow(event));
  }

  override scheduleTask(options: TaskOptions, run: TaskFunction): void {
    this.#add(options, run, undefined);
  }

  override addMethod({ options, call, name, place }: AnnotatedMethod): TakeOut {
    const where = place === undefined ? name : `${name} (${place})`;
    const { id, scope } = this.#add(options, call as TaskFunction, where);
    return () => {
      this.#tasks.delete(id);
      (scope === 'local' ? this.#local : this.#global).remove(id);
    };
  }

  override triggerTask(id: string): Promise<void> {
    return this.#actions.trigger(id);
  }

  override cancelTask(id: string): Promise<void> {
    return this.#actions.cancel(id);
  }

  override async getTasks(): Promise<readonly TaskState[]> {
    const global = [...this.#tasks.values()].filter(({ scope }) => scope === 'global');
    const states = [
      ...this.#local.states(),
      ...(await globalStates(this.#pluginId, global, this.#store, this.#global)),
    ];
    const order = [...this.#tasks.keys()];
    return states.toSorted((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
  }

  override async getHistory(id: string): Promise<readonly TaskRunRecord[]> {
    if (this.#known(id).scope === 'local') return this.#local.history(id);
    await this.#global.prepare();
    const ended = (await this.#store.history(id)).map(({ id: _, ...record }) => record);
    const now = await runningRecord(id, this.#store);
    return now ? [now, ...ended.filter(({ fence }) => fence !== now.fence)] : ended;
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.#removeRoutes();
    this.#global.interrupt();
    this.#local.interrupt();
  }

  #add(options: unknown, run: TaskFunction, place: string | undefined): SoundTask {
    const task = keptTask(this.#pluginId, options, [...this.#tasks.keys()], place);
    this.#tasks.set(task.id, task);
    const work = keepAccount(run);
    if (task.scope === 'local') this.#local.add(task, work);
    else this.#global.add({ task, work });
    return task;
  }

  #follow(event: BackendEvent): void {
    if (event.type === 'backend-phase' && event.phase === 'stopping') void this.#end();
    if (event.type !== 'plugin-phase' || event.pluginId !== this.#pluginId) return;
    if (event.phase === 'ready') this.#start();
    else if (event.phase !== 'starting' && event.phase !== 'waiting') void this.#end();
  }

  #start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    // Added last, it runs first: what tasks need is there until they have ended.
    this.#lifecycle.addShutdownHook(() => this.#stop(), { name: 'tasks' });
    this.#local.start();
    this.#global.start();
  }

  /** Not only in its hook, which waits for the last requests: what others can go on with is theirs at once. */
  #end(): Promise<unknown> {
    return (this.#ended ??= Promise.all([this.#global.stop(this.#stopLimit), this.#local.stop(this.#stopLimit)]));
  }

  async #stop(): Promise<void> {
    await this.#end();
    const left = [...this.#global.running, ...this.#local.running];
    if (left.length > 0) throw notEnded(this.#pluginId, left, this.#stopLimit);
  }

  async #trigger(id: string): Promise<void> {
    if (this.#known(id).scope === 'local') return this.#local.trigger(id);
    await this.#global.prepare();
    if (!(await this.#store.trigger(id))) throw running(id);
    this.#global.wake();
  }

  async #cancel(id: string): Promise<void> {
    if (this.#known(id).scope === 'local') return this.#local.cancel(id);
    if (!(await this.#store.cancel(id))) throw notRunning(id);
    this.#global.wake();
  }

  #known(id: string): SoundTask {
    const task = this.#tasks.get(id);
    if (!task) throw unknownTask(id);
    return task;
  }
}
