import { expect } from 'chai';
import {
  BackendStatusService,
  type BackendEvent,
  type BackendPhase,
  type PluginStatus,
} from '../../../lib/api/backend-status-service.js';
import { StatusReporter } from '../../../lib/services/logger/status-reporter.js';
import { loggerFixture, type JsonLine } from './logger-fixture.js';

class Status extends BackendStatusService {
  readonly urgent = false;
  readonly phase: BackendPhase = 'starting';
  listener: (event: BackendEvent) => void = () => {};

  plugin(): PluginStatus | undefined {
    return undefined;
  }

  plugins(): readonly PluginStatus[] {
    return [];
  }

  subscribe(listener: (event: BackendEvent) => void): () => void {
    this.listener = listener;
    return () => {};
  }
}

async function lineFor(event: BackendEvent): Promise<JsonLine> {
  const { logger, last } = await loggerFixture({ environment: { LOG_LEVEL: 'debug' } });
  const status = new Status();
  void new StatusReporter(logger, status);
  status.listener(event);
  return last();
}

const error = new Error('no database', { cause: new Error('refused') });

describe('StatusReporter', () => {
  const cases: [event: BackendEvent, level: string, message: string][] = [
    [{ type: 'backend-phase', phase: 'starting' }, 'info', 'Backend is starting'],
    [{ type: 'backend-phase', phase: 'ready' }, 'debug', 'Backend is ready'],
    [{ type: 'backend-phase', phase: 'stopping' }, 'info', 'Backend is stopping'],
    [{ type: 'plugin-phase', pluginId: 'a', phase: 'waiting' }, 'debug', "Plugin 'a' is waiting"],
    [{ type: 'plugin-started', pluginId: 'a', duration: 12.3 }, 'info', "Plugin 'a' started in 12 ms"],
    [
      { type: 'plugin-failed', pluginId: 'a', error, allowed: false },
      'error',
      "Plugin 'a' failed to start; the backend stops",
    ],
    [
      { type: 'plugin-failed', pluginId: 'a', error, allowed: true },
      'warn',
      "Plugin 'a' failed to start; the backend goes on without it",
    ],
    [
      { type: 'plugin-failed', pluginId: 'a', error, allowed: true, retryIn: 5_000 },
      'warn',
      "Plugin 'a' failed to start; it is tried again in 5.0 s",
    ],
    [
      { type: 'module-failed', pluginId: 'a', moduleId: 'm', error, allowed: true },
      'warn',
      "Module 'm' of plugin 'a' failed to start; the backend goes on without it",
    ],
    [{ type: 'start-progress', waitingFor: ['a', 'b'] }, 'info', "Still waiting for 'a', 'b'"],
    [{ type: 'backend-started', duration: 1_234, plugins: 12 }, 'info', 'Backend started in 1.2 s with 12 plugins'],
    [{ type: 'backend-started', duration: 50, plugins: 1 }, 'info', 'Backend started in 50 ms with 1 plugin'],
    [{ type: 'hook-failed', hook: 'close', pluginId: 'a', error }, 'error', "Hook 'close' of plugin 'a' failed"],
    [{ type: 'hook-failed', hook: 'close', error }, 'error', "Hook 'close' failed"],
    [{ type: 'stop-step', step: 'draining' }, 'info', 'Stopping: draining'],
    [
      { type: 'stray-error', pluginId: 'a', error, policy: 'isolate' },
      'error',
      "Nobody caught an error in plugin 'a'; the backend goes on",
    ],
    [
      { type: 'stray-error', error, policy: 'crash' },
      'error',
      'Nobody caught an error outside of any plugin; the backend stops',
    ],
    [{ type: 'warning', code: 'TWO_VERSIONS', message: 'two versions' }, 'warn', 'two versions'],
  ];
  for (const [event, level, message] of cases) {
    it(`logs "${message}" as ${level}`, async () => {
      const line = await lineFor(event);

      expect(line).to.include({ level, message });
      if ('pluginId' in event) expect(line['plugin']).to.equal(event.pluginId);
      if ('error' in event) {
        expect(line['error']).to.include({ message: 'no database' }).and.include.keys('stack');
        expect((line['error'] as { cause: object }).cause).to.include({ message: 'refused' });
      }
    });
  }

  it('tells the module, the code, the duration and the count as fields', async () => {
    expect(await lineFor({ type: 'module-failed', pluginId: 'a', moduleId: 'm', error, allowed: false })).to.include({
      module: 'm',
    });
    expect(await lineFor({ type: 'warning', code: 'TWO_VERSIONS', message: 'x' })).to.include({ code: 'TWO_VERSIONS' });
    expect(await lineFor({ type: 'backend-started', duration: 50.4, plugins: 3 })).to.include({
      duration: 50,
      plugins: 3,
    });
  });

  it('logs a failure that is no error', async () => {
    const line = await lineFor({ type: 'stray-error', pluginId: 'a', error: 'just text', policy: 'isolate' });

    expect(line['error']).to.equal('just text');
  });
});
