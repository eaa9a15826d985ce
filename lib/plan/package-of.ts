import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CallSite } from '../../decorators/call-site.js';
import { toPath } from '../util/source-place.js';

export interface PackageIdentity {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/** The package a decorator was called in: the nearest `package.json` above it that has a name. */
export function packageOf(site: CallSite | undefined): PackageIdentity | undefined {
  if (!site) return undefined;
  for (let folder = dirname(toPath(site.file)); ; folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(
        readFileSync(join(folder, 'package.json'), 'utf8'),
      ) as Partial<PackageIdentity>;
      if (name) return { name, version: version ?? '0.0.0', folder };
    } catch {
      // No package.json here, or one of somebody who only says "type": look further up.
    }
    if (folder === dirname(folder)) return undefined;
  }
}

export function majorOf(version: string): string {
  return version.split('.', 1)[0]!;
}
