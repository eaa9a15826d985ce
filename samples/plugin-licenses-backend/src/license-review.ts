import { CatalogClient } from '@inventory/plugin-catalog-node';
import { type Finding, violationFound } from '@inventory/plugin-licenses-common';
import { EventsService, Injectable, type TaskRun } from 'backplane';
import { LicensePolicy } from './license-policy.js';
import { violationOf, ViolationRow } from './violation-row.js';

/** Holds the whole catalog against the policy, and tells what was in order the last time. */
@Injectable()
export class LicenseReview {
  constructor(
    private readonly catalog: CatalogClient,
    private readonly policy: LicensePolicy,
    private readonly events: EventsService,
  ) {}

  async run(signal: AbortSignal, { write }: Pick<TaskRun, 'write'>): Promise<void> {
    const denied = new Map<string, Finding>();
    for await (const entity of this.catalog.everyEntity({ kind: 'component' }, { credentials: 'own', signal })) {
      const finding = this.policy.findingOf(entity);
      if (finding.verdict === 'denied') denied.set(keyOf(violationOf(finding)), finding);
    }
    await write(async manager => {
      const known = await manager.find(ViolationRow);
      await manager.remove(known.filter(row => !denied.has(keyOf(row))));
      for (const row of known) denied.delete(keyOf(row));
      for (const finding of denied.values()) {
        await manager.insert(ViolationRow, violationOf(finding));
        await this.events.publish(violationFound, finding, { manager });
      }
    });
  }
}

function keyOf({ kind, name, version }: ViolationRow): string {
  return JSON.stringify([kind, name, version]);
}
