import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { RootLoggerService } from '../../api/logger-service.js';
import { pluginView, type PluginViewable } from '../../api/plugin-view.js';
import type { RedisOptions } from '../../api/redis-options.js';
import { type RedisConnection, RootRedisService } from '../../api/root-redis-service.js';
import { AtMostEvery } from '../../util/at-most-every.js';
import { loadRedis } from './redis-library.js';
import { UnfitServer } from './redis-greeting.js';
import { RedisLink, type RedisWatch } from './redis-link.js';
import { outageOf, unsupportedRedis } from './redis-outage.js';

/** How often the log is told that a server is away, in ms. */
const interval = 30_000;

/** The connections to Redis, by where they lead. Plugins themselves see nothing of it. */
@Service({ implements: RootRedisService })
export class RootRedis extends RootRedisService implements AsyncDisposable, PluginViewable<object> {
  static {
    Object.freeze(this.prototype);
  }

  readonly #logger: RootLoggerService;
  readonly #links = new Map<string, Promise<RedisLink>>();

  constructor(@Inject(RootLoggerService) logger: RootLoggerService) {
    super();
    this.#logger = logger;
  }

  override async connect(options: RedisOptions): Promise<RedisConnection> {
    const key = JSON.stringify([options.client, options.timeout]);
    const link = this.#links.get(key) ?? this.#open(options);
    this.#links.set(key, link);
    return await link;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const links = await Promise.allSettled(this.#links.values());
    await Promise.all(links.map(async link => link.status === 'fulfilled' && link.value.close()));
  }

  [pluginView](): object {
    return Object.freeze({});
  }

  async #open(options: RedisOptions): Promise<RedisLink> {
    const link = new RedisLink(await loadRedis(options), options, watch(options, this.#logger));
    const error = await link.open();
    if (!(error instanceof UnfitServer) || !error.isForGood) return link;
    await link.close();
    throw unsupportedRedis(options, error);
  }
}

function watch(options: RedisOptions, logger: RootLoggerService): RedisWatch {
  const time = new AtMostEvery(interval);
  let told = '';
  let isKnownToBeAway = false;
  return {
    isAway: error => {
      const outage = outageOf(options, error);
      if (!time.admits() && outage === told) return;
      told = outage;
      isKnownToBeAway = true;
      logger.warn(`${outage}; what needs it does without`, { error });
    },
    isBack: () => {
      if (isKnownToBeAway) logger.info(`Redis at ${options.server} answers again`);
      isKnownToBeAway = false;
    },
  };
}
