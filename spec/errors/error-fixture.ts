import type { Config, JsonObject } from '../../lib/api/config-service.js';
import { missingPackages, type NeededPackage } from '../../lib/api/needed-package.js';
import type { BackendOptions } from '../../lib/backend/backend-options.js';
import { BackendStartupError } from '../../lib/errors/backend-startup-error.js';
import { BackendStopError } from '../../lib/errors/backend-stop-error.js';
import { BackplaneError } from '../../lib/errors/backplane-error.js';
import type { Problem } from '../../lib/errors/problem.js';
import { Backend } from '../../lib/default-backend.js';
import { mockServices } from '../../lib/testing/mock-services.js';
import { TestBackend, type TestBackendOptions } from '../../lib/testing/test-backend.js';

/** A mistake that somebody can make, and with which the framework answers by one error with this code. */
export interface ErrorFixture {
  readonly code: string;
  /** What the mistake is; a code may have several. */
  readonly title: string;
  /** Makes the mistake and gives back what the framework says of it. */
  readonly provoke: () => Promise<readonly Problem[]>;
}

/** The fixtures of one file, each a code, what the mistake is, and what makes it. */
export function fixturesOf(
  ...fixtures: readonly (readonly [code: string, title: string, provoke: ErrorFixture['provoke']])[]
): readonly ErrorFixture[] {
  return fixtures.map(([code, title, provoke]) => ({ code, title, provoke }));
}

/** What `work` fails with, which must be something the framework has worded; nothing where it does not fail. */
export async function problemsOf(work: () => unknown): Promise<readonly Problem[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (error instanceof BackendStartupError || error instanceof BackendStopError) return error.problems;
    if (error instanceof BackplaneError) return [error.problem];
    throw error;
  }
}

/** What the plan of these features says. */
export function planning(options: TestBackendOptions): () => Promise<readonly Problem[]> {
  return () => problemsOf(() => TestBackend.plan(options));
}

/** The same for a program, where nothing is left out. */
export function planningProgram(options: BackendOptions): () => Promise<readonly Problem[]> {
  return () => problemsOf(() => Backend.plan({ config: quiet, ...options }));
}

/** What the plan of these features warns of. */
export function warningsOf(options: TestBackendOptions): () => Promise<readonly Problem[]> {
  return async () => (await TestBackend.plan(options)).warnings;
}

/** The same for a program. */
export function warningsOfProgram(options: BackendOptions): () => Promise<readonly Problem[]> {
  return async () => (await Backend.plan({ config: quiet, ...options })).warnings;
}

/** What a start says; a backend that starts all the same is stopped. */
export function starting(options: TestBackendOptions): () => Promise<readonly Problem[]> {
  return () =>
    problemsOf(async () => {
      const backend = await TestBackend.start(options);
      await backend.stop();
    });
}

/** What the plan says of `backend` where one package that it needs is not installed. */
export function withoutPackage(
  missing: string,
  backend: JsonObject,
  needed: (config: Config) => readonly NeededPackage[],
): () => Promise<readonly Problem[]> {
  const config = mockServices.rootConfig({ data: { backend } });
  return () => Promise.resolve(missingPackages(config, needed(config), name => name !== missing));
}

/** The configuration of a program that does not listen. */
export const quiet = { backend: { listen: false, logger: { level: 'silent' } } };
