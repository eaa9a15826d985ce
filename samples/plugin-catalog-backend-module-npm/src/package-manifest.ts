import type { Entity } from '@inventory/plugin-catalog-common';
import { z } from 'zod';

const text = z.string().min(1);
const license = z.union([text, z.object({ type: text }).transform(({ type }) => type)]);

/** The part of a `package.json` the catalog cares for. A package that misuses an optional field is still a package. */
const Manifest = z.object({
  name: text,
  version: text,
  description: text.optional().catch(undefined),
  homepage: text.optional().catch(undefined),
  license: license.optional().catch(undefined),
  // Before SPDX expressions a package that gave the choice listed its licenses.
  licenses: z.array(license).nonempty().optional().catch(undefined),
  dependencies: z.record(z.string(), z.string()).default({}).catch({}),
});

/** The entity that the text of a `package.json` describes. Throws where it is not one. */
export function entityOf(manifest: string, source: string): Entity {
  const { licenses, dependencies, ...rest } = Manifest.parse(JSON.parse(manifest));
  return {
    kind: 'component',
    ...rest,
    license: rest.license ?? licenses?.join(' OR '),
    dependencies: Object.entries(dependencies).map(([name, range]) => ({ name, range })),
    source,
  };
}
