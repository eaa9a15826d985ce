import type { Entity } from '@inventory/plugin-catalog-common';
import { z } from 'zod';

const reference = z.string().min(1).transform(nameOf);

/** A document of a `catalog-info.yaml`, as Backstage defines it; what the catalog has no use for may say anything. */
export const Descriptor = z.object({
  apiVersion: z.string().regex(/^[^/]+\/v\d\w*$/, 'must be a group and a version, as backstage.io/v1alpha1'),
  kind: z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/, 'must be a word, as Component'),
  metadata: z.object({
    name: z.string().regex(/^[A-Za-z0-9][-_.A-Za-z0-9]{0,62}$/, 'must be letters, digits and - _ . (at most 63)'),
    title: z.string().optional(),
    description: z.string().optional(),
    links: z.array(z.object({ url: z.url() })).default([]),
  }),
  spec: z.object({ owner: reference.optional(), dependsOn: z.array(reference).default([]) }).prefault({}),
});

export function entityOf({ kind, metadata, spec }: z.output<typeof Descriptor>, source: string): Entity {
  const { name, title, description, links } = metadata;
  return {
    kind: kind.toLowerCase(),
    name,
    title,
    description,
    homepage: links[0]?.url,
    owner: spec.owner,
    dependencies: spec.dependsOn.map(dependency => ({ name: dependency })),
    source,
  };
}

/** The name in a reference, which is written `[<kind>:][<namespace>/]<name>`. */
function nameOf(text: string): string {
  return text.replace(/^[^:/]+:/, '').replace(/^[^/]+\//, '');
}
