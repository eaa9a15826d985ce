import type { AdmittedRequest, HttpRouterService, RouteDefinition } from '../../api/http-services.js';
import type { SchedulerService, TaskRunRecord } from '../../api/scheduler-service.js';
import { sendJson } from '../../util/send-json.js';
import type { AuditedActions } from './audited-actions.js';

const tasksPath = '/.backplane/scheduler/v1/tasks';

interface Parts {
  readonly router: HttpRouterService;
  readonly scheduler: Pick<SchedulerService, 'getTasks' | 'getHistory'>;
  readonly actions: AuditedActions;
}

/** Answers for the tasks of the plugin; whoever may ask for its routes without a policy may ask for these. */
export function addSchedulerRoutes({ router, scheduler, actions }: Parts): () => void {
  const routes: readonly RouteDefinition[] = [
    {
      method: 'GET',
      path: tasksPath,
      answer: async ({ request, credentials }) => {
        const tasks = await scheduler.getTasks();
        const told = tasks.map(({ lastRun, ...task }) => ({
          ...task,
          ...(lastRun && { lastRun: toldTo(credentials, lastRun) }),
        }));
        sendJson(request.res, 200, { tasks: told });
      },
    },
    {
      method: 'GET',
      path: `${tasksPath}/:id/history`,
      answer: async ({ request, params, credentials }) => {
        const runs = await scheduler.getHistory(params['id']!);
        sendJson(request.res, 200, { runs: runs.map(run => toldTo(credentials, run)) });
      },
    },
    {
      method: 'POST',
      path: `${tasksPath}/:id/trigger`,
      answer: ({ request, params }) => done(request, actions.trigger(params['id']!, request.req)),
    },
    {
      method: 'POST',
      path: `${tasksPath}/:id/cancel`,
      answer: ({ request, params }) => done(request, actions.cancel(params['id']!, request.req)),
    },
  ];
  const removals = routes.map(route => router.addRoute(route));
  return () => removals.forEach(remove => remove?.());
}

async function done({ res }: AdmittedRequest['request'], work: Promise<void>): Promise<void> {
  await work;
  res.writeHead(204, { 'Cache-Control': 'no-store' });
  res.end();
}

/** What a task has failed with is its own affair: users learn that it has, operators and plugins why. */
function toldTo({ principal }: AdmittedRequest['credentials'], { error, ...run }: TaskRunRecord): TaskRunRecord {
  return { ...run, ...(error !== undefined && principal.type === 'service' && { error }) };
}
