import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';

export interface OpenApiSettings {
  /** Who may read documents: anybody, whoever the described plugin knows, or nobody. */
  readonly access: 'public' | 'protected' | 'off';
  /** Where the backend is called at, without a slash at the end; empty where that is not said. */
  readonly baseUrl: string;
}

/** What `backend.openapi` says; throws a `ConfigError` where that means nothing. */
export function readOpenApiSettings(config: Config): OpenApiSettings {
  const path = 'backend.openapi';
  // YAML of old takes `off` for a boolean.
  const value = config.getOptional(path) === false ? 'off' : (config.getOptionalString(path) ?? 'public');
  if (value !== 'public' && value !== 'protected' && value !== 'off') {
    throw invalidSetting(config, path, `is '${value}'`, `write 'public', 'protected' or 'off'`);
  }
  const baseUrl = config.getOptionalString('backend.baseUrl') ?? '';
  return { access: value, baseUrl: URL.canParse(baseUrl) ? baseUrl.replace(/\/+$/, '') : '' };
}
