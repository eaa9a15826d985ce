import { Inject } from '../../../decorators/inject.js';
import type { OperationAnnotation } from '../../../decorators/operation.js';
import { Service } from '../../../decorators/service.js';
import type { AnnotatedMethod, TakeOut } from '../../api/annotated-method.js';
import { RootConfigService } from '../../api/config-service.js';
import { HttpRouterService } from '../../api/http-services.js';
import { OperationsService } from '../../api/wire-service.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { OperationRoute } from './operation-route.js';
import { readOperationSettings } from './operation-settings.js';
import type { BodyLimits } from './request-body.js';

/** Gives the operations of one plugin their routes. */
@Service({ implements: OperationsService })
export class PluginOperations extends OperationsService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #router: HttpRouterService;
  readonly #limits: BodyLimits;
  #droppedKeys = 0;

  constructor(
    @Inject(HttpRouterService) router: HttpRouterService,
    @Inject(RootConfigService) config: RootConfigService,
  ) {
    super();
    this.#router = router;
    this.#limits = readOperationSettings(config);
  }

  /** How many keys of bodies were dropped, since plugins with another version of a contract have sent them. */
  get droppedKeys(): number {
    return this.#droppedKeys;
  }

  /** Throws `UNSUPPORTED_SCHEMA` where the operation has a schema whose JSON Schema cannot be told or understood. */
  override addMethod(method: AnnotatedMethod): TakeOut | void {
    return this.#router.addRoute(this.#routeOf(method));
  }

  #routeOf(method: AnnotatedMethod): OperationRoute {
    try {
      return new OperationRoute(method, this.#limits, count => (this.#droppedKeys += count));
    } catch (cause) {
      throw unsupported(method, cause);
    }
  }
}

function unsupported({ name, options, pluginId, place }: AnnotatedMethod, cause: unknown): BackplaneError {
  const { operation } = options as OperationAnnotation;
  return new BackplaneError({
    code: 'UNSUPPORTED_SCHEMA',
    message: `Operation '${pluginId}.${operation.name}' has a schema that cannot be told as JSON, or not in a way that is understood`,
    path: [`in plugin '${pluginId}'`, `-> ${name}${place ? ` (${place})` : ''}`],
    fix: 'write it as structures of plain JSON (text for a date), or give { schema, jsonSchema }.',
    cause,
  });
}
