import { saidMode } from '../backend/mode.js';
import { BackplaneError } from '../errors/backplane-error.js';

/** Throws `TEST_IN_PRODUCTION` where the mode is said to be that. */
export function refuseProduction(what: string): void {
  if (saidMode() !== 'production') return;
  throw new BackplaneError({
    code: 'TEST_IN_PRODUCTION',
    message: `${what} does not run in production mode`,
    path: [],
    fix: 'unset NODE_ENV and BACKPLANE_MODE, or set them to test.',
  });
}
