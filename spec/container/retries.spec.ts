import { expect } from 'chai';
import { Plugin, Service } from '../../lib/index.js';
import { TestBackend } from '../../lib/testing/index.js';
import { QuietBackend, rejection } from '../backend/quiet-backend.js';
import { until } from '../faults/harness/until.js';
import { startupProblems } from '../startup-problems.js';

let calls: string[];
let failures: number;

function attempt(name: string): void {
  calls.push(name);
  if (failures-- > 0) throw new Error(`${name} is not there yet`);
}

abstract class Connection {
  readonly open = true;
}

@Service({ id: 'acme.patient', scope: 'root', retry: { attempts: 2, delay: 1 }, create: [] })
class Patient extends Connection {
  static async create(): Promise<Patient> {
    attempt('create');
    return new Patient();
  }
}

@Service({ id: 'acme.impatient', scope: 'root', eager: false, create: [] })
class Impatient extends Connection {
  static async create(): Promise<Impatient> {
    await new Promise(resolve => setImmediate(resolve));
    attempt('create');
    return new Impatient();
  }
}

@Plugin({ pluginId: 'a' })
class PluginA {
  constructor(readonly connection: Patient) {}
}

const patience = {
  backend: {
    startup: { default: { onPluginBootFailure: 'continue' }, retry: { initialDelay: 1, maxDelay: 1 } },
    logger: { level: 'error' },
  },
};

describe('A service that says retry', () => {
  beforeEach(() => {
    calls = [];
    failures = 0;
  });

  it('is constructed by an async create() at once where that succeeds', async () => {
    await using backend = await TestBackend.start({ features: [PluginA] });

    expect(backend.get(PluginA, { pluginId: 'a' }).connection.open).to.equal(true);
    expect(calls).to.have.length(1);
  });

  it('is tried again as often as it says', async () => {
    failures = 2;
    await using backend = await TestBackend.start({ features: [PluginA] });

    expect(backend.get(PluginA, { pluginId: 'a' }).connection.open).to.equal(true);
    expect(calls).to.have.length(3);
  });

  it('fails the start with the last error once it has been tried that often', async () => {
    failures = 3;

    const problems = await startupProblems(TestBackend.start({ features: [PluginA] }));

    expect(problems.map(problem => problem.code)).to.deep.equal(['CONSTRUCTION_FAILED']);
    expect(problems[0]!.cause).to.have.property('message', 'create is not there yet');
    expect(calls).to.have.length(3);
  });

  it('is tried again where its constructor throws', async () => {
    failures = 1;
    @Service({ id: 'acme.stubborn', scope: 'plugin', retry: { attempts: 1, delay: 1 } })
    class Stubborn {
      constructor() {
        attempt('constructor');
      }
    }
    @Plugin({ pluginId: 'b' })
    class PluginB {
      constructor(readonly stubborn: Stubborn) {}
    }
    await using _backend = await TestBackend.start({ features: [PluginB] });

    expect(calls).to.deep.equal(['constructor', 'constructor']);
  });

  it('is not tried again once the backend stops', async () => {
    failures = Infinity;
    @Service({ id: 'acme.endless', scope: 'plugin', retry: { attempts: 1_000, delay: 5 } })
    class Endless {
      constructor() {
        attempt('constructor');
      }
    }
    @Plugin({ pluginId: 'b' })
    class PluginB {
      constructor(readonly endless: Endless) {}
    }
    const config = { backend: { startup: { initTimeout: '50ms' } } };

    const problems = await startupProblems(TestBackend.start({ features: [PluginB], config }));

    const atTheEnd = calls.length;
    await new Promise(resolve => setTimeout(resolve, 30));
    expect(problems.map(problem => problem.code)).to.deep.equal(['PLUGIN_START_TIMEOUT']);
    expect(calls.length).to.equal(atTheEnd);
  });

  it('is not tried again where the backend stops while it waits for that', async () => {
    failures = Infinity;
    @Service({ id: 'acme.waiting', scope: 'root', retry: { attempts: 9, delay: 20 } })
    class Waiting {
      constructor() {
        attempt('constructor');
      }
    }
    const backend = new QuietBackend([Waiting]);
    const start = rejection(backend.start());
    await until('the first attempt', () => calls.length > 0);

    await backend.stop();
    await new Promise(resolve => setTimeout(resolve, 50));

    expect(await start).to.have.nested.property('problems[0].code', 'START_CANCELLED');
    expect(calls).to.have.length(1);
  });
});

describe('A failed construction', () => {
  beforeEach(() => {
    calls = [];
    failures = 0;
  });

  it('is not remembered: a plugin that is tried again makes its services again', async () => {
    failures = 2;
    @Service({ id: 'acme.fragile', scope: 'plugin' })
    class Fragile {
      constructor() {
        attempt('constructor');
      }
    }
    let ready: Fragile | undefined;
    @Plugin({ pluginId: 'b' })
    class PluginB {
      constructor(fragile: Fragile) {
        ready = fragile;
      }
    }
    await using _backend = await TestBackend.start({ features: [PluginB], config: patience });
    await until('the plugin is made', () => ready !== undefined);

    expect(calls).to.have.length(3);
  });

  it('of a lazy root service is not remembered either', async () => {
    failures = 1;
    let ready: Impatient | undefined;
    @Plugin({ pluginId: 'b' })
    class PluginB {
      constructor(impatient: Impatient) {
        ready = impatient;
      }
    }
    await using _backend = await TestBackend.start({ features: [PluginB], config: patience });
    await until('the plugin is made', () => ready !== undefined);

    expect(calls).to.have.length(2);
  });

  it('of a root service fails each plugin that waits for it, by the way on which that asked', async () => {
    failures = 1;
    @Plugin({ pluginId: 'b' })
    class PluginB {
      constructor(readonly impatient: Impatient) {}
    }
    @Plugin({ pluginId: 'c' })
    class PluginC {
      constructor(readonly impatient: Impatient) {}
    }

    const problems = await startupProblems(TestBackend.start({ features: [PluginB, PluginC] }));

    expect(problems.map(({ code, path }) => [code, path[0]!.replace(/ \(.*/, '')])).to.deep.equal([
      ['CONSTRUCTION_FAILED', "in plugin 'b'"],
      ['CONSTRUCTION_FAILED', "in plugin 'c'"],
    ]);
    expect(calls).to.have.length(1);
  });
});
