import type { AuditorService } from '../../api/auditor-service.js';
import type { DeadLetter, EventsService } from '../../api/events-service.js';
import type { AdmittedRequest, HttpRouterService, RouteDefinition } from '../../api/http-services.js';
import { NotFoundError } from '../../errors/http-error.js';
import { sendJson } from '../../util/send-json.js';

const prefix = '/.backplane/events/v1/subscriptions';
/** As many as anybody looks at. */
const most = 1_000;

interface Parts {
  readonly router: HttpRouterService;
  readonly auditor: AuditorService;
  readonly events: Pick<EventsService, 'getDeadLetters' | 'redeliver'>;
  readonly subscriptions: () => readonly { readonly id: string; readonly topic: string }[];
}

/**
 * Answers for the subscriptions of the plugin: users learn what is stuck, other plugins and operators what it says and why;
 * only those deliver it again, which is audited.
 */
export function addEventsRoutes({ router, auditor, events, subscriptions }: Parts): () => void {
  const redeliver = async ({ request, params }: AdmittedRequest, eventIds?: readonly string[]): Promise<void> => {
    const subscription = params['id']!;
    const meta = { subscription, ...(eventIds && { eventIds }) };
    const audited = await auditor.createEvent({
      eventId: 'events-redeliver',
      severityLevel: 'medium',
      request: request.req,
      meta,
    });
    try {
      const count = await events.redeliver(subscription, eventIds);
      if (eventIds && count === 0) throw new NotFoundError('There is no such dead letter');
      await audited.success({ meta: { count } });
      sendJson(request.res, 200, { count });
    } catch (error) {
      await audited.fail({ error });
      throw error;
    }
  };
  const routes: readonly RouteDefinition[] = [
    {
      method: 'GET',
      path: prefix,
      allow: ['user', 'service'],
      answer: ({ request }) => sendJson(request.res, 200, { subscriptions: subscriptions() }),
    },
    {
      method: 'GET',
      path: `${prefix}/:id/dead-letters`,
      allow: ['user', 'service'],
      answer: async ({ request, params, credentials }) => {
        const letters = await events.getDeadLetters(params['id']!, { limit: most });
        const isOperator = credentials.principal.type === 'service';
        sendJson(request.res, 200, { deadLetters: isOperator ? letters : letters.map(withoutContent) });
      },
    },
    {
      method: 'POST',
      path: `${prefix}/:id/dead-letters/redeliver`,
      allow: ['service'],
      answer: admitted => redeliver(admitted),
    },
    {
      method: 'POST',
      path: `${prefix}/:id/dead-letters/:eventId/redeliver`,
      allow: ['service'],
      answer: admitted => redeliver(admitted, [admitted.params['eventId']!]),
    },
  ];
  const removals = routes.map(route => router.addRoute(route));
  return () => removals.forEach(remove => remove?.());
}

function withoutContent({ payload: _payload, metadata: _metadata, error: _error, ...letter }: DeadLetter) {
  return letter;
}
