import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { AuthService } from '../../api/auth-services.js';
import type { Credentials, NonePrincipal, Principal, ServicePrincipal } from '../../api/credentials.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import { UnauthenticatedError } from '../../errors/http-error.js';

const nobody: Credentials<NonePrincipal> = Object.freeze({ principal: Object.freeze({ type: 'none' }) });

/** Credentials of one plugin. Nothing issues tokens yet, so none is good. */
@Service({ implements: AuthService })
export class PluginAuth extends AuthService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #own: Credentials<ServicePrincipal>;

  constructor(@Inject(PluginMetadataService) plugin: PluginMetadataService) {
    super();
    this.#own = Object.freeze({ principal: Object.freeze({ type: 'service', subject: `plugin:${plugin.getId()}` }) });
  }

  override authenticate(): Promise<never> {
    return Promise.reject(new UnauthenticatedError());
  }

  override isPrincipal<T extends Principal['type']>(
    credentials: Credentials,
    type: T,
  ): credentials is Credentials<Extract<Principal, { type: T }>> {
    return credentials.principal.type === type;
  }

  override getNoneCredentials(): Credentials<NonePrincipal> {
    return nobody;
  }

  override getOwnServiceCredentials(): Credentials<ServicePrincipal> {
    return this.#own;
  }

  override getPluginRequestToken(): Promise<never> {
    return Promise.reject(new UnauthenticatedError());
  }

  override getLimitedUserToken(): Promise<never> {
    return Promise.reject(new UnauthenticatedError());
  }

  override listPublicServiceKeys(): Promise<{ readonly keys: readonly [] }> {
    return Promise.resolve({ keys: [] });
  }
}
