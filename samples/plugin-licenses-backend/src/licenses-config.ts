import { configOf } from 'backplane';
import { z } from 'zod';

const identifiers = z.array(z.string().min(1)).default([]);

/** The section `licenses`: SPDX identifiers that are welcome, and those that are not. */
export class LicensesConfig extends configOf('licenses', z.object({ allowed: identifiers, denied: identifiers })) {}
