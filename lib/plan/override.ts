import type { CallSite } from '../../decorators/call-site.js';
import type { Class, Token } from '../../decorators/tokens.js';
import type { Recipe } from './unit.js';

/** What a test puts in the place of a service, of a private class, or of an implementation of an extension point. */
export interface Override {
  readonly token: Token | Class;
  /** Only in this plugin and its modules; absent: everywhere. */
  readonly pluginId?: string | undefined;
  readonly recipe: Recipe & { readonly by: 'constructor' | 'factory' | 'value' };
  readonly tokens?: readonly Token[] | undefined;
  /** How the test says it, as `override()`. */
  readonly origin: string;
  readonly site?: CallSite | undefined;
}
