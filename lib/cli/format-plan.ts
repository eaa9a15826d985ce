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

/** With what a caller has to know: method, path, and who may ask. */
function formatMethod({ decorator, method, options }: Annotated): string {
  const { method: verb, path, allow } = (options ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof path !== 'string' || typeof verb !== 'string') return `@${decorator} ${method}`;
  const asked = decorator.toUpperCase() === verb ? path : `${verb} ${path}`;
  return `@${decorator} ${asked} ${method}, for ${whoPasses(allow)}`;
}

function whoPasses(allow: unknown): string {
  if (allow === 'unauthenticated') return 'everybody';
  const kinds = Array.isArray(allow) ? allow.map(String) : ['user', 'service'];
  return kinds.length === 0 ? 'nobody' : kinds.join(', ');
}
