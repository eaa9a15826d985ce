import { BackplaneError } from './backplane-error.js';

/** A configuration value that is missing, of the wrong type, or in a file that cannot be read. */
export class ConfigError extends BackplaneError {
  override readonly name = 'ConfigError';
}
