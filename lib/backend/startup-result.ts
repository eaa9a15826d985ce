import { BackplaneError } from '../errors/backplane-error.js';

/** What became of a start. Durations are in ms. */
export interface StartupResult {
  readonly beginAt: Date;
  readonly resultAt: Date;
  readonly duration: number;
  readonly outcome: 'success' | 'failure';
  readonly plugins: readonly PluginStartupResult[];
}

export interface StartupFailure {
  readonly error: unknown;
  /** It is not what ended the start: the configuration lets the backend go on without it, or it was still starting. */
  readonly allowed: boolean;
}

export interface PluginStartupResult {
  readonly pluginId: string;
  readonly duration: number;
  readonly failure?: StartupFailure;
  readonly modules: readonly ModuleStartupResult[];
}

export interface ModuleStartupResult {
  readonly moduleId: string;
  readonly duration: number;
  readonly failure?: StartupFailure;
}

/** Takes the times of a start, which begins when this is made. */
export class StartupClock {
  readonly #beginAt = new Date();
  readonly #begin = performance.now();

  get duration(): number {
    return performance.now() - this.#begin;
  }

  result(outcome: StartupResult['outcome'], plugins: readonly PluginStartupResult[]): StartupResult {
    return { beginAt: this.#beginAt, resultAt: new Date(), duration: this.duration, outcome, plugins };
  }
}

/** The result as a tree, a line for each plugin and module. */
export function formatStartupResult({ outcome, duration, plugins }: StartupResult): string {
  const lines = [`backend: ${outcome}, ${duration.toFixed(0)} ms, ${plugins.length} plugins`];
  plugins.forEach((plugin, index) => {
    const last = index === plugins.length - 1;
    lines.push(`${last ? '└' : '├'}─ ${line(`plugin '${plugin.pluginId}'`, plugin)}`);
    plugin.modules.forEach((module, i) => {
      const branch = i === plugin.modules.length - 1 ? '└' : '├';
      lines.push(`${last ? ' ' : '│'}  ${branch}─ ${line(`module '${module.moduleId}'`, module)}`);
    });
  });
  return lines.join('\n');
}

function line(name: string, { duration, failure }: { duration: number; failure?: StartupFailure }): string {
  const time = `${name} ${duration.toFixed(0)} ms`;
  if (!failure) return time;
  const { error, allowed } = failure;
  if (error instanceof BackplaneError && error.code === 'START_CANCELLED') return `${time} still starting`;
  const text = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
  return `${time} failed${allowed ? ', which is allowed' : ''}: ${text}`;
}
