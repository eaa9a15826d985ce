import type { Problem } from '../../lib/errors/problem.js';
import type { PlanDescription } from '../../lib/plan/describe-plan.js';
import { TestBackend, type TestBackendOptions } from '../../lib/testing/test-backend.js';
import { planning, planningProgram } from '../errors/error-fixture.js';

type Options = Omit<TestBackendOptions, 'features'>;

/** Everything the plan finds wrong with these features. */
export function problemsIn(features: readonly unknown[], options: Options = {}): Promise<readonly Problem[]> {
  return planning({ features, ...options })();
}

/** The codes of everything the plan finds wrong, in the order in which they are told. */
export async function codesIn(features: readonly unknown[], options: Options = {}): Promise<string[]> {
  return (await problemsIn(features, options)).map(({ code }) => code);
}

/** The same for a program, where a module needs its plugin. */
export async function codesInProgram(features: readonly unknown[]): Promise<string[]> {
  return (await planningProgram({ features })()).map(({ code }) => code);
}

/** The only thing that is wrong. Throws where it is not the only one. */
export async function onlyProblemIn(features: readonly unknown[], options: Options = {}): Promise<Problem> {
  const problems = await problemsIn(features, options);
  if (problems.length !== 1) throw new Error(`expected one problem, not ${problems.map(p => p.code).join(', ')}`);
  return problems[0]!;
}

/** The plan of features with which nothing is wrong. */
export function planOf(features: readonly unknown[], options: Options = {}): Promise<PlanDescription> {
  return TestBackend.plan({ features, ...options });
}

/** What the plan says provides a service. */
export async function providersOf(
  id: string,
  features: readonly unknown[],
  options: Options = {},
): Promise<readonly string[]> {
  const { services } = await planOf(features, options);
  return services.find(service => service.id === id)?.providedBy ?? [];
}
