import type { AuditorService } from '../../api/auditor-service.js';
import type { DeadLetter, EventsService } from '../../api/events-service.js';
import type { AdmittedRequest, HttpRouterService, RouteDefinition } from '../../api/http-services.js';
import { isOperatorOf, noOperator } from '../../api/is-operator-of.js';
import { NotFoundError } from '../../errors/http-error.js';
import { sendJson } from '../../util/send-json.js';

const prefix = '/.backplane/events/v1/subscriptions';
/** As many as anybody looks at. */
const most = 1_000;

/** A dead letter, and whether its topic is private. */
export interface ListedLetter {
  readonly letter: DeadLetter;
  readonly isPrivate: boolean;
}

interface Parts {
  readonly pluginId: string;
  readonly router: HttpRouterService;
  readonly auditor: AuditorService;
  readonly letters: (subscription: string, limit: number) => Promise<readonly ListedLetter[]>;
  readonly redeliver: EventsService['redeliver'];
  readonly subscriptions: () => readonly { readonly id: string; readonly topic: string }[];
}

/**
 * Answers for the subscriptions of the plugin: users and other plugins learn what is stuck, operators and the plugin itself
 * what it says and why; only those deliver it again, which is audited. What a private topic says leaves the process for nobody.
 */
export function addEventsRoutes({ pluginId, router, auditor, letters, redeliver, subscriptions }: Parts): () => void {
  const deliverAgain = async (
    { request, params, credentials }: AdmittedRequest,
    eventIds?: readonly string[],
  ): Promise<void> => {
    if (!isOperatorOf(pluginId, credentials)) throw noOperator(credentials, foreign(pluginId));
    const subscription = params['id']!;
    const meta = { subscription, ...(eventIds && { eventIds }) };
    const audited = await auditor.createEvent({
      eventId: 'events-redeliver',
      severityLevel: 'medium',
      request: request.req,
      meta,
    });
    try {
      const count = await redeliver(subscription, eventIds);
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
        const isOperator = isOperatorOf(pluginId, credentials);
        const listed = await letters(params['id']!, most);
        const deadLetters = listed.map(one => toldOf(one, isOperator));
        sendJson(request.res, 200, { deadLetters });
      },
    },
    {
      method: 'POST',
      path: `${prefix}/:id/dead-letters/redeliver`,
      allow: ['service'],
      answer: admitted => deliverAgain(admitted),
    },
    {
      method: 'POST',
      path: `${prefix}/:id/dead-letters/:eventId/redeliver`,
      allow: ['service'],
      answer: admitted => deliverAgain(admitted, [admitted.params['eventId']!]),
    },
  ];
  const removals = routes.map(route => router.addRoute(route));
  return () => removals.forEach(remove => remove?.());
}

/** The key tells something of the payload, so that of a private topic is kept back as well. */
function toldOf({ letter, isPrivate }: ListedLetter, isOperator: boolean): Partial<DeadLetter> {
  if (isOperator && !isPrivate) return letter;
  const { payload: _payload, metadata: _metadata, error: _error, key, ...others } = letter;
  return { ...others, ...(key !== undefined && !isPrivate && { key }) };
}

function foreign(pluginId: string): string {
  return `Another plugin cannot have dead letters of plugin '${pluginId}' delivered again`;
}
