import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { RootLoggerService } from '../../api/logger-service.js';
import { pluginView, type PluginViewable } from '../../api/plugin-view.js';
import type { RedisOptions } from '../../api/redis-options.js';
import { type RedisConnection, RootRedisService } from '../../api/root-redis-service.js';
import { AtMostEvery } from '../../util/at-most-every.js';
import { loadRedis } from './redis-library.js';
import { RedisLink, type RedisWatch } from './redis-link.js';

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
    const key = JSON.stringify(options);
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
    const link = new RedisLink(await loadRedis(), options, watch(options.server, this.#logger));
    await link.open();
    return link;
  }
}

function watch(server: string, logger: RootLoggerService): RedisWatch {
  const time = new AtMostEvery(interval);
  let isKnownToBeAway = false;
  return {
    isAway: error => {
      if (!time.admits()) return;
      isKnownToBeAway = true;
      logger.warn(`Redis at ${server} does not answer; what needs it does without`, { error });
    },
    isBack: () => {
      if (isKnownToBeAway) logger.info(`Redis at ${server} answers again`);
      isKnownToBeAway = false;
    },
  };
}
