import type { Token } from '../../decorators/tokens.js';
import type { JsonObject } from '../api/config-service.js';
import type { Mode } from '../api/metadata-services.js';
import type { Override } from '../plan/override.js';
import type { FeatureInput } from '../scan/collect-features.js';
import type { ScanOptions } from './framework.js';

export interface BackendOptions {
  /** Plugins, modules, services and feature loaders; modules that export them, promises and arrays of them. Absent: a scan. */
  readonly features?: readonly FeatureInput[];
  /** A configuration file, several, or the configuration itself. Default: `app-config.yaml` and its companions. */
  readonly config?: string | readonly string[] | JsonObject;
  /** What is scanned, besides what `features` names. */
  readonly scan?: ScanOptions;
  /** Default: `--mode`, `BACKPLANE_MODE` or `NODE_ENV`, else `production`. */
  readonly mode?: Mode;
  /** `false`: signals and stray errors are left to the program. Only `Backend.start()` installs the process host. */
  readonly host?: boolean;
  /** The folder of the package that is started. Default: that of the file Node was started with. */
  readonly root?: string;
}

/** What tests may ask for besides. */
export interface TestOptions {
  readonly overrides?: readonly Override[];
  /** Stand-ins for extension points, in place of those of the plugin. */
  readonly extensionPoints?: readonly (readonly [Token, unknown])[];
  /** A module without its plugin gets an empty one. */
  readonly placeholders?: boolean;
}
