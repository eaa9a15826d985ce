import { Inject, InjectAll } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { RootConfigService } from '../../api/config-service.js';
import { DiscoveryService } from '../../api/discovery-service.js';
import { ExternalTokenHandler } from '../../api/external-token-handler.js';
import { RootInstanceMetadataService } from '../../api/metadata-services.js';
import type { PluginKeyStore } from '../../api/plugin-key-store.js';
import { pluginView, type PluginViewable } from '../../api/plugin-view.js';
import { RootWireService } from '../../api/root-wire-service.js';
import { type AuthSettings, readAuthSettings } from './auth-settings.js';
import { CredentialsRegistry } from './bound-credentials.js';
import { ExternalTokens } from './external-tokens.js';
import { Issuers } from './issuers.js';
import { PluginDocuments } from './plugin-documents.js';
import { FixedKeys, RotatingKeys, type SigningKeys } from './signing-keys.js';
import { TokenVerifier } from './token-verifier.js';

/** The plugin that issues the tokens of users. */
export const authPluginId = 'auth';

/** What the credential services of all plugins share. Plugins themselves see nothing of it. */
@Service({ id: 'core.root-auth', scope: 'root' })
export class RootAuth implements PluginViewable<object> {
  static {
    Object.freeze(this.prototype);
  }

  readonly settings: AuthSettings;
  readonly verifier: TokenVerifier;
  readonly documents: PluginDocuments;
  readonly credentials = new CredentialsRegistry();
  readonly #fixedKeys: FixedKeys | undefined;

  constructor(
    @Inject(RootConfigService) config: RootConfigService,
    @Inject(RootInstanceMetadataService) instance: RootInstanceMetadataService,
    @Inject(RootWireService) wire: RootWireService,
    @Inject(DiscoveryService) discovery: DiscoveryService,
    @InjectAll(ExternalTokenHandler) handlers: ExternalTokenHandler[],
  ) {
    this.settings = readAuthSettings(config, instance.root);
    this.documents = new PluginDocuments(wire, discovery);
    const { externalAccess, staticKeys } = this.settings;
    const algorithms = new Set(staticKeys?.map(({ algorithm }) => algorithm) ?? ['ES256']);
    const external = new ExternalTokens(externalAccess, handlers);
    this.verifier = new TokenVerifier(new Issuers(this.documents), external, [...algorithms], authPluginId);
    this.#fixedKeys = staticKeys && new FixedKeys(staticKeys);
  }

  /** What one plugin signs with. */
  keysFor(store: PluginKeyStore | undefined): SigningKeys {
    return this.#fixedKeys ?? new RotatingKeys(store);
  }

  [pluginView](): object {
    return Object.freeze({});
  }
}
