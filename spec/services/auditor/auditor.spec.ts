import { expect } from 'chai';
import {
  AuditorService,
  AuditSink,
  type AuditEvent,
  type AuditRecord,
  Get,
  LoggerService,
  Plugin,
  RootLoggerService,
  Service,
  type PluginContext,
} from '../../../lib/index.js';
import { mockCredentials, mockServices, override, TestBackend, type MockLogger } from '../../../lib/testing/index.js';
import { RootAuditService } from '../../../lib/api/root-audit-service.js';
import { RestartableBackend } from '../../isolation/restartable-backend.js';
import { BackendStartupError } from '../../../lib/errors/backend-startup-error.js';

@Plugin({ pluginId: 'a' })
class AuditedPlugin {
  constructor(readonly auditor: AuditorService) {}

  @Get('/delete/:name', { allow: ['user', 'service'] })
  async delete({ req, params }: PluginContext): Promise<string> {
    const event = await this.auditor.createEvent({
      eventId: 'entity-delete',
      severityLevel: 'high',
      request: req,
      meta: { name: params['name'] },
    });
    if (params['name'] === 'locked') {
      await event.fail({ error: new Error('It is locked'), meta: { tries: 1 } });
      return 'no';
    }
    await event.success({ meta: { rows: 2 } });
    return 'done';
  }

  @Get('/anonymous', { allow: 'unauthenticated' })
  async anonymous(): Promise<string> {
    await this.auditor.createEvent({ eventId: 'look', request: 'current' });
    return 'seen';
  }
}

@Plugin({ pluginId: 'b' })
class OtherPlugin {
  constructor(
    readonly auditor: AuditorService,
    readonly root: RootAuditService,
    readonly logger: LoggerService,
  ) {}
}

let written: AuditRecord[];

@Service({ implements: AuditSink })
class KeptAudit extends AuditSink {
  override write(record: AuditRecord): void {
    written.push(record);
  }
}

@Plugin({ pluginId: 'forger' })
class Forger {
  constructor(readonly sink: AuditSink) {}
}

const auditOf = (logger: MockLogger) => logger.entries.filter(({ meta }) => meta['isAuditEvent'] === true);

describe('AuditorService', () => {
  let backend: TestBackend;
  let logger: MockLogger;

  beforeEach(async () => {
    logger = mockServices.rootLogger();
    backend = await TestBackend.start({
      features: [AuditedPlugin, OtherPlugin],
      overrides: [override(RootLoggerService).withValue(logger)],
    });
  });

  afterEach(() => backend.stop());

  function ask(path: string, authorization: string) {
    return backend.request.get(path, { headers: { authorization, 'user-agent': 'spec', host: 'portal' } });
  }

  it('writes the beginning and the end, with who, what and from where', async () => {
    await ask('/api/a/delete/blue?token=secret', mockCredentials.user.header('user:default/ada'));

    const [begin, end] = auditOf(logger);
    expect(begin).to.deep.include({ level: 'info', message: 'a.entity-delete' });
    expect(begin!.meta).to.deep.include({
      plugin: 'a',
      eventId: 'entity-delete',
      severityLevel: 'high',
      status: 'initiated',
      actor: { actorId: 'user:default/ada', ip: '127.0.0.1', hostname: 'portal', userAgent: 'spec' },
      request: { url: '/delete/blue', method: 'GET' },
      meta: { name: 'blue' },
    });
    expect(end!.meta).to.deep.include({ status: 'succeeded', meta: { name: 'blue', rows: 2 } });
  });

  it('writes a failure with its error', async () => {
    await ask('/api/a/delete/locked', mockCredentials.service.header());

    const { meta } = auditOf(logger)[1]!;
    expect(meta).to.deep.include({ status: 'failed', meta: { name: 'locked', tries: 1 } });
    expect(meta['actor']).to.include({ actorId: 'external:test-service' });
    expect((meta['error'] as Error).message).to.equal('It is locked');
  });

  it('knows the request that is being answered, and that nobody has said who they are', async () => {
    await backend.request.get('/api/a/anonymous', { headers: { 'user-agent': 'spec' } });

    const [event] = auditOf(logger);
    expect(event!.level).to.equal('debug');
    expect(event!.meta['actor']).to.not.have.property('actorId');
    expect(event!.meta['request']).to.include({ method: 'GET' });
  });

  it('I34: has the plugin itself for an actor, whatever it says', async () => {
    const { auditor } = backend.get(OtherPlugin, { pluginId: 'b' });
    const forged = { eventId: 'x', actor: { actorId: 'user:default/root' }, plugin: 'a', status: 'succeeded' };

    await auditor.createEvent({ ...forged, meta: { actor: 'c', plugin: 'a' } });

    expect(auditOf(logger)[0]!.meta).to.deep.include({
      plugin: 'b',
      status: 'initiated',
      actor: { actorId: 'plugin:b' },
    });
  });

  it('I34: cannot be written to as another plugin by way of the root', async () => {
    const { root } = backend.get(OtherPlugin, { pluginId: 'b' });

    root.write({ eventId: 'x', severityLevel: 'low', status: 'failed' }, 'a');

    expect(auditOf(logger)[0]!.meta['plugin']).to.equal('b');
  });

  it('refuses what is no event', async () => {
    const { auditor } = backend.get(OtherPlugin, { pluginId: 'b' });
    const failure = async (options: unknown) =>
      auditor.createEvent(options as never).catch((error: Error) => error.message);

    expect(await failure({ eventId: 'entityDelete' })).to.include('kebab-case');
    expect(await failure({ eventId: 'a-', severityLevel: 'low' })).to.include('kebab-case');
    expect(await failure({ eventId: 'a', severityLevel: 'bad' })).to.include("'bad' is no severity");
    expect(await failure({ eventId: 'a', request: 'current' })).to.include('No request is being answered');
    expect(auditOf(logger)).to.deep.equal([]);
  });

  it('ends an event once', async () => {
    const { auditor } = backend.get(OtherPlugin, { pluginId: 'b' });
    const event: AuditEvent = await auditor.createEvent({ eventId: 'once' });

    await event.success();
    const again = await event.fail({ error: new Error('late') }).catch((error: Error) => error.message);

    expect(again).to.equal("The audit event 'once' has ended already");
    expect(auditOf(logger)).to.have.length(2);
  });

  it('tells of credentials that are refused, and not of those that are missing', async () => {
    await ask('/api/a/delete/x', 'Bearer nonsense');
    await backend.request.get('/api/a/delete/x');

    const events = auditOf(logger);
    expect(events.map(({ message }) => message)).to.deep.equal(['a.access-refused']);
    expect(events[0]!.meta).to.deep.include({ severityLevel: 'medium', meta: { status: 401, code: 'illegal_token' } });
    expect(JSON.stringify(events)).not.to.include('nonsense');
  });

  it('tells of plugins that are isolated, as they start or later', async () => {
    @Plugin({ pluginId: 'broken' })
    class BrokenPlugin {
      init(): Promise<never> {
        return Promise.reject(new Error('not today'));
      }
    }
    const quiet = mockServices.rootLogger();
    await using _started = await TestBackend.start({
      features: [BrokenPlugin],
      overrides: [override(RootLoggerService).withValue(quiet)],
      config: { backend: { startup: { plugins: { broken: { onPluginBootFailure: 'continue' } } } } },
    });
    const later = await RestartableBackend.of([OtherPlugin]);
    await later.restart('b');
    await later.stop();

    const told = [...auditOf(quiet), ...later.log.filter(({ meta }) => meta['isAuditEvent'] === true)];
    expect(told.map(({ message }) => message)).to.deep.equal(['broken.plugin-start-isolated', 'b.plugin-isolated']);
    for (const { meta } of told) {
      expect(meta).to.deep.include({ severityLevel: 'medium', status: 'failed', actor: { actorId: 'backend' } });
      expect(meta['error']).to.be.an('error');
    }
  });

  it('writes at the levels that configuration says', async () => {
    const quiet = mockServices.rootLogger();
    await using other = await TestBackend.start({
      features: [OtherPlugin],
      overrides: [override(RootLoggerService).withValue(quiet)],
      config: { backend: { auditor: { severityLogLevelMappings: { low: 'warn' } } } },
    });

    await other.get(OtherPlugin, { pluginId: 'b' }).auditor.createEvent({ eventId: 'x' });

    expect(auditOf(quiet)[0]!.level).to.equal('warn');
  });

  it('finds wrong levels before the start, all of them', async () => {
    const severityLogLevelMappings = { low: 'loud', extreme: 'info' };
    const error = await TestBackend.plan({ config: { backend: { auditor: { severityLogLevelMappings } } } }).catch(
      (failure: unknown) => failure,
    );

    expect(error).to.be.instanceOf(BackendStartupError);
    expect((error as BackendStartupError).message)
      .to.include("severityLogLevelMappings.low' is 'loud'")
      .and.include("severityLogLevelMappings.extreme' is no severity");
  });

  it('goes where the installation says, and is closed to plugins there', async () => {
    written = [];
    const quiet = mockServices.rootLogger();
    await using other = await TestBackend.start({
      features: [OtherPlugin, Forger, KeptAudit],
      overrides: [override(RootLoggerService).withValue(quiet)],
    });

    await other.get(OtherPlugin, { pluginId: 'b' }).auditor.createEvent({ eventId: 'x' });
    const { sink } = other.get(Forger, { pluginId: 'forger' });

    expect(() => sink.write(written[0]!)).to.throw(TypeError, 'AuditorService');
    expect(written).to.have.length(1);
    expect(written[0]).to.be.frozen.and.include({ plugin: 'b', eventId: 'x' });
    expect(auditOf(quiet)).to.deep.equal([]);
  });
});
