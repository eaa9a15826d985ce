import type { JsonObject, RootConfigService } from '../../api/config-service.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { ConfigStore } from './config-store.js';
import { type ConfigReading, readPlainConfiguration } from './read-configuration.js';
import { RootConfig } from './root-config.js';

/** A configuration that is given, not read, and can be replaced by another. */
export interface GivenConfig extends RootConfigService, Disposable {
  /** Replaces all of it; subscribers are told. Throws a `BackplaneError` for what is no configuration. */
  update(data: JsonObject): void;
}

/** The configuration that `data` is. Throws a `BackplaneError` for what is none. */
export function configOfData(data: JsonObject): GivenConfig {
  const store = new ConfigStore(read(data));
  return Object.assign(new RootConfig(store), { update: (next: JsonObject) => store.replace(read(next)) });
}

function read(data: JsonObject): ConfigReading['tree'] {
  const { tree, problems } = readPlainConfiguration(data);
  const [problem] = problems;
  if (problem) throw new BackplaneError(problem);
  return tree;
}
