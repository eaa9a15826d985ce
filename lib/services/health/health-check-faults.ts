import { soundOptions } from '../../api/sound-options.js';
import type { Problem } from '../../errors/problem.js';

/** What the plan finds wrong with the options of `@HealthCheck`. */
export function healthCheckFaults(given: unknown): Omit<Problem, 'path'>[] {
  const { invalid } = soundOptions(given as object, { optional: ['id', 'affectsReadiness', 'timeout'] });
  return invalid.map(({ option, what, fix }) => {
    const subject = option === undefined ? 'What is given to @HealthCheck' : `Option '${option}' of a health check`;
    return { code: 'INVALID_OPTION', message: `${subject} ${what}`, fix };
  });
}
