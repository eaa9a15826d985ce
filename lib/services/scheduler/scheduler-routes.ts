import type { AdmittedRequest, HttpRouterService, RouteDefinition } from '../../api/http-services.js';
import { isOperatorOf, noOperator } from '../../api/is-operator-of.js';
import type { SchedulerService, TaskRunRecord } from '../../api/scheduler-service.js';
import { sendJson } from '../../util/send-json.js';
import type { AuditedActions } from './audited-actions.js';

const tasksPath = '/.backplane/scheduler/v1/tasks';

interface Parts {
  readonly pluginId: string;
  readonly router: HttpRouterService;
  readonly scheduler: Pick<SchedulerService, 'getTasks' | 'getHistory'>;
  readonly actions: AuditedActions;
}

/**
 * Answers for the tasks of the plugin; whoever may ask for its routes without a policy may ask for these. Another plugin
 * sees them, as a user does, and lets none run or end: it asks the plugin for that.
 */
export function addSchedulerRoutes({ pluginId, router, scheduler, actions }: Parts): () => void {
  const isOperator = (credentials: AdmittedRequest['credentials']): boolean => isOperatorOf(pluginId, credentials);
  const act = ({ request, params, credentials }: AdmittedRequest, action: 'trigger' | 'cancel'): Promise<void> => {
    if (credentials.principal.type === 'service' && !isOperator(credentials))
      throw noOperator(credentials, foreign(pluginId));
    return done(request, actions[action](params['id']!, request.req));
  };
  const routes: readonly RouteDefinition[] = [
    {
      method: 'GET',
      path: tasksPath,
      answer: async ({ request, credentials }) => {
        const tasks = await scheduler.getTasks();
        const told = tasks.map(({ lastRun, ...task }) => ({
          ...task,
          ...(lastRun && { lastRun: toldTo(isOperator(credentials), lastRun) }),
        }));
        sendJson(request.res, 200, { tasks: told });
      },
    },
    {
      method: 'GET',
      path: `${tasksPath}/:id/history`,
      answer: async ({ request, params, credentials }) => {
        const runs = await scheduler.getHistory(params['id']!);
        sendJson(request.res, 200, { runs: runs.map(run => toldTo(isOperator(credentials), run)) });
      },
    },
    {
      method: 'POST',
      path: `${tasksPath}/:id/trigger`,
      answer: admitted => act(admitted, 'trigger'),
    },
    {
      method: 'POST',
      path: `${tasksPath}/:id/cancel`,
      answer: admitted => act(admitted, 'cancel'),
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

/** What a task has failed with is its own affair: others learn that it has, operators and the plugin itself why. */
function toldTo(isOperator: boolean, { error, ...run }: TaskRunRecord): TaskRunRecord {
  return { ...run, ...(error !== undefined && isOperator && { error }) };
}

function foreign(pluginId: string): string {
  return `Another plugin can neither trigger nor cancel tasks of plugin '${pluginId}'`;
}
