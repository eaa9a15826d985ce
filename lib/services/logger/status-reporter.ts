import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { BackendStatusService, type BackendEvent } from '../../api/backend-status-service.js';
import { RootLoggerService, type LogLevel, type LogMeta } from '../../api/logger-service.js';

interface StatusLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly meta?: LogMeta;
}

type Failure = Extract<BackendEvent, { readonly type: 'plugin-failed' | 'module-failed' }>;
type Warning = Extract<BackendEvent, { readonly type: 'warning' }>;
type StrayError = Extract<BackendEvent, { readonly type: 'stray-error' }>;

/** Writes what happens to the backend and to its plugins into the log. */
@Service({ id: 'core.status-reporter', scope: 'root' })
export class StatusReporter {
  constructor(
    @Inject(RootLoggerService) logger: RootLoggerService,
    @Inject(BackendStatusService) status: BackendStatusService,
  ) {
    // Never unsubscribed: the last events come when this service is already disposed.
    status.subscribe(event => {
      const { level, message, meta } = lineOf(event);
      logger[level](message, meta);
    });
  }
}

function lineOf(event: BackendEvent): StatusLine {
  switch (event.type) {
    case 'backend-phase':
      // 'ready' is told by 'backend-started', with more to say.
      return { level: event.phase === 'ready' ? 'debug' : 'info', message: `Backend is ${event.phase}` };
    case 'plugin-phase':
      return about(event.pluginId, 'debug', `Plugin '${event.pluginId}' is ${event.phase}`);
    case 'plugin-started':
      return about(event.pluginId, 'info', `Plugin '${event.pluginId}' started in ${duration(event.duration)}`);
    case 'plugin-failed':
      return failure(event, `Plugin '${event.pluginId}' failed to start; ${whatFollows(event)}`);
    case 'module-failed':
      return failure(
        event,
        `Module '${event.moduleId}' of plugin '${event.pluginId}' failed to start; ${whatFollows(event)}`,
      );
    case 'start-progress':
      return { level: 'info', message: `Still waiting for ${quoted(event.waitingFor)}` };
    case 'backend-started':
      return {
        level: 'info',
        message: `Backend started in ${duration(event.duration)} with ${event.plugins} plugin${event.plugins === 1 ? '' : 's'}`,
        meta: { duration: Math.round(event.duration), plugins: event.plugins },
      };
    case 'hook-failed': {
      const owner = event.pluginId === undefined ? '' : ` of plugin '${event.pluginId}'`;
      return about(event.pluginId, 'error', `Hook '${event.hook}'${owner} failed`, { error: event.error });
    }
    case 'stop-step':
      return { level: 'info', message: `Stopping: ${event.step}` };
    case 'stray-error':
      return about(event.pluginId, 'error', strayError(event), { error: event.error });
    case 'warning':
      return { level: 'warn', message: event.message, meta: warning(event) };
  }
}

function about(
  pluginId: string | undefined,
  level: LogLevel,
  message: string,
  meta: Record<string, unknown> = {},
): StatusLine {
  return { level, message, meta: pluginId === undefined ? meta : { plugin: pluginId, ...meta } };
}

function failure(event: Failure, message: string): StatusLine {
  const module = event.type === 'module-failed' ? { module: event.moduleId } : {};
  return about(event.pluginId, event.allowed ? 'warn' : 'error', message, { ...module, error: event.error });
}

function whatFollows(event: Failure): string {
  if (event.type === 'plugin-failed' && event.retryIn !== undefined)
    return `it is tried again in ${duration(event.retryIn)}`;
  return event.allowed ? 'the backend goes on without it' : 'the backend stops';
}

function strayError({ pluginId, policy }: StrayError): string {
  const origin = pluginId === undefined ? 'outside of any plugin' : `in plugin '${pluginId}'`;
  return `Nobody caught an error ${origin}; ${policy === 'crash' ? 'the backend stops' : 'the backend goes on'}`;
}

function warning({ code, path = [], fix, cause }: Warning): LogMeta {
  return {
    code,
    ...(path.length > 0 && { path: path.join(' ') }),
    ...(fix !== undefined && { fix }),
    ...(cause !== undefined && { error: cause }),
  };
}

function quoted(names: readonly string[]): string {
  return names.map(name => `'${name}'`).join(', ');
}

function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
