import { catalogApi } from '@inventory/plugin-catalog-common';
import { CatalogClient } from '@inventory/plugin-catalog-node';
import { licensesApi, type Finding, type Report } from '@inventory/plugin-licenses-common';
import { Controller, errorOf, type Call } from 'backplane';
import { isRemoteError, type RequestOf } from 'backplane/contract';
import { LicensePolicy } from './license-policy.js';

@Controller(licensesApi)
export class LicensesController {
  constructor(
    private readonly catalog: CatalogClient,
    private readonly policy: LicensePolicy,
  ) {}

  async getReport(_request: unknown, call: Call): Promise<Report> {
    const findings: Finding[] = [];
    for await (const entity of this.catalog.everyEntity({ kind: 'component' }, call))
      findings.push(this.policy.findingOf(entity));
    const verdicts: Report['verdicts'] = { allowed: 0, denied: 0, unstated: 0, unreviewed: 0 };
    for (const { verdict } of findings) verdicts[verdict] += 1;
    return { checked: findings.length, verdicts, findings: findings.filter(({ verdict }) => verdict !== 'allowed') };
  }

  async check({ params }: RequestOf<typeof licensesApi.check>, call: Call): Promise<{ items: Finding[] }> {
    try {
      const { versions } = await this.catalog.getEntity({ params }, call);
      return { items: versions.map(entity => this.policy.findingOf(entity)) };
    } catch (error) {
      if (isRemoteError(error, catalogApi.getEntity, 'unknown_entity')) {
        throw errorOf(licensesApi.check, 'unknown_entity');
      }
      throw error;
    }
  }
}
