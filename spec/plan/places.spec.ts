import { expect } from 'chai';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { Controller, Get, Injectable, Module, Plugin, Service } from '../../decorators/index.js';
import { LoggerService } from '../../lib/api/logger-service.js';
import { Backend } from '../../lib/default-backend.js';
import { problemsOf, quiet } from '../errors/error-fixture.js';

@Service({ id: 'acme.clock', scope: 'root' })
class Clock {
  now(): number {
    return 0;
  }
}

@Service({ implements: Clock })
class SlowClock extends Clock {}

@Injectable()
class Store {}

@Controller()
class Entries {
  constructor(readonly store: Store) {}

  @Get('/:id')
  read(): string {
    return 'entry';
  }
}

@Plugin({ pluginId: 'catalog', controllers: [Entries] })
class Catalog {
  constructor(
    readonly logger: LoggerService,
    readonly clock: Clock,
  ) {}
}

@Module({ pluginId: 'catalog', moduleId: 'github' })
class Github {}

@Plugin({ pluginId: 'Wrong' })
class Wrong {}

/** The source maps that are read while `work` runs: a place is worked out with one. */
async function sourceMapsReadBy(work: () => Promise<unknown>): Promise<string[]> {
  const read: string[] = [];
  const { readFileSync } = fs;
  fs.readFileSync = ((path: fs.PathOrFileDescriptor, ...rest: []) => {
    if (String(path).endsWith('.map')) read.push(String(path));
    return readFileSync(path, ...rest);
  }) as typeof readFileSync;
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    fs.readFileSync = readFileSync;
    syncBuiltinESMExports();
  }
  return read;
}

describe('The place of a decorator', () => {
  const features = [Catalog, Github, SlowClock];

  it('is not worked out by a start without a problem: that would cost a cold start', async () => {
    const backend = new Backend({ features, config: quiet, mode: 'test' });
    const read = await sourceMapsReadBy(() => backend.start());
    await backend.stop();

    expect(read).to.deep.equal([]);
  });

  it('is worked out for a problem', async () => {
    const read = await sourceMapsReadBy(() =>
      problemsOf(() => new Backend({ features: [...features, Wrong], config: quiet, mode: 'test' }).start()),
    );

    expect(read).to.have.length.above(0);
  });
});
