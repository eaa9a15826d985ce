import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import type { AnnotatedMethod, TakeOut } from '../../api/annotated-method.js';
import { RootConfigService } from '../../api/config-service.js';
import { HttpRouterService } from '../../api/http-services.js';
import { OperationsService } from '../../api/wire-service.js';
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

  /** Throws for a schema that the plan refuses. */
  override addMethod(method: AnnotatedMethod): TakeOut | void {
    return this.#router.addRoute(new OperationRoute(method, this.#limits, count => (this.#droppedKeys += count)));
  }
}
