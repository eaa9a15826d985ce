import { formatProblem } from '../errors/problem.js';
import type { PlanDescription } from '../plan/describe-plan.js';

/** The plan as text: services, then plugins with their modules, in the order in which they run. */
export function formatPlan({ services, owners, order, warnings }: PlanDescription): string {
  const lines = warnings.flatMap(warning => [`warning: ${formatProblem(warning)}`, '']);
  lines.push('services');
  for (const { id, scope, providedBy, wrappedBy, overridden, config } of services) {
    const wraps = wrappedBy.map(wrapper => `, wrapped by ${wrapper}`).join('');
    const instead = overridden.length > 0 ? ` instead of ${overridden.join(', ')}` : '';
    const reads = config.length > 0 ? `, reads ${config.join(', ')}` : '';
    lines.push(`  ${id} (${scope}) by ${providedBy.join(', ') || 'nobody'}${instead}${wraps}${reads}`);
  }
  for (const [pluginId, { init }] of Object.entries(order.plugins)) {
    lines.push('', `plugin ${pluginId}`);
    for (const owner of owners.filter(o => o.owner.endsWith(`plugin '${pluginId}'`))) {
      lines.push(`  ${owner.owner}${owner.place ? ` (${owner.place})` : ''}`);
      for (const id of owner.provides) lines.push(`    provides ${id}`);
      for (const id of owner.uses) lines.push(`    uses ${id}`);
      for (const called of owner.calls) lines.push(`    calls plugin ${called}`);
      for (const annotated of owner.methods) lines.push(`    ${formatMethod(annotated)}`);
    }
    lines.push(`  runs ${init.join(', then ')}`);
  }
  return `${lines.join('\n')}\n`;
}

type Annotated = PlanDescription['owners'][number]['methods'][number];

/** With what others have to know: method, path and who may ask; when; of which topic. */
function formatMethod({ decorator, method, options }: Annotated): string {
  const shown = (options ?? {}) as Readonly<Record<string, unknown>>;
  const { method: verb, path, allow, topic, validator, id } = shown;
  if (decorator === 'Scheduled' && id !== undefined)
    return `@Scheduled ${text(id)} ${method}, ${when(shown)}, ${text(shown['scope'] ?? 'global')}`;
  if (decorator === 'Subscribe' && topic !== undefined) return `@Subscribe ${text(topic)} ${method}, as ${text(id)}`;
  if (typeof path !== 'string' || typeof verb !== 'string') return `@${decorator} ${method}`;
  const asked = decorator.toUpperCase() === verb ? path : `${verb} ${path}`;
  const route = `@${decorator} ${asked} ${method}, for`;
  if (decorator === 'Webhook' && validator) return `${route} ${whoProves(validator)}, publishes ${text(topic)}`;
  return `${route} ${whoPasses(allow)}`;
}

function when({ every, cron, timeZone }: Readonly<Record<string, unknown>>): string {
  if (every !== undefined) return `every ${text(every)}${typeof every === 'number' ? ' ms' : ''}`;
  if (cron === undefined) return 'by hand';
  return `cron ${text(cron)}${timeZone === undefined ? '' : ` in ${text(timeZone)}`}`;
}

function whoProves(validator: unknown): string {
  if (validator === 'none') return 'everybody';
  if (validator === 'function') return 'whom a function lets pass';
  const { type, header } = validator as Readonly<Record<string, unknown>>;
  return `whoever has the ${text(type)} in ${text(header)}`;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function whoPasses(allow: unknown): string {
  if (allow === 'unauthenticated') return 'everybody';
  const kinds = Array.isArray(allow) ? allow.map(String) : ['user', 'service'];
  return kinds.length === 0 ? 'nobody' : kinds.join(', ');
}
