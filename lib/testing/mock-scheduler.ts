import {
  type TaskFunction,
  type TaskOptions,
  type TaskRun,
  type TaskRunRecord,
  type TaskState,
  SchedulerService,
} from '../api/scheduler-service.js';
import type { AnnotatedMethod } from '../api/annotated-method.js';
import { givenTask } from '../given-services.js';
import { NotFoundError } from '../errors/http-error.js';

interface Kept {
  readonly task: ReturnType<typeof givenTask>;
  readonly work: TaskFunction;
  readonly runs: TaskRunRecord[];
}

/** Keeps the tasks, and runs none by itself: a test triggers them. Takes the options that the real one takes. */
export class MockScheduler extends SchedulerService {
  readonly #pluginId: string;
  readonly #tasks = new Map<string, Kept>();

  constructor(pluginId: string) {
    super();
    this.#pluginId = pluginId;
  }

  override scheduleTask(options: TaskOptions, run: TaskFunction): void {
    const task = givenTask(this.#pluginId, options, [...this.#tasks.keys()]);
    this.#tasks.set(task.id, { task, work: run, runs: [] });
  }

  override addMethod({ options, call }: AnnotatedMethod): () => void {
    this.scheduleTask(options as TaskOptions, call as TaskFunction);
    return () => void this.#tasks.delete((options as TaskOptions).id);
  }

  /** Runs it, and ends when it has. Rejects with what it fails with. */
  override async triggerTask(id: string): Promise<void> {
    const { work, runs } = this.#known(id);
    const startedAt = new Date();
    const fence = runs.length + 1;
    const run: TaskRun = {
      fence,
      dueAt: startedAt,
      write: () => Promise.reject(new TypeError('A mock has no database: start a TestBackend')),
    };
    let outcome: 'completed' | 'failed' = 'failed';
    try {
      await work(new AbortController().signal, run);
      outcome = 'completed';
    } finally {
      runs.unshift({ fence, startedAt, endedAt: new Date(), outcome });
    }
  }

  override async cancelTask(id: string): Promise<void> {
    this.#known(id);
  }

  override async getTasks(): Promise<readonly TaskState[]> {
    return [...this.#tasks.values()].map(({ task, runs: [lastRun] }) => {
      const { id, scope, frequency, timeout } = task;
      const state = { id, pluginId: this.#pluginId, scope, frequency, timeout, status: 'idle' } as const;
      return { ...state, ...(lastRun && { lastRun }) };
    });
  }

  override async getHistory(id: string): Promise<readonly TaskRunRecord[]> {
    return [...this.#known(id).runs];
  }

  #known(id: string): Kept {
    const known = this.#tasks.get(id);
    if (!known) throw new NotFoundError(`There is no task '${id}'`);
    return known;
  }
}
