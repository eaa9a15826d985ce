import { violationFound } from '@inventory/plugin-licenses-common';
import { type Event, LoggerService, Plugin, Scheduled, Subscribe, type TaskRun } from 'backplane';
import { CreateViolations1763900000000 } from './create-violations.js';
import { LicenseReview } from './license-review.js';
import { LicensesController } from './licenses-controller.js';
import { ViolationRow } from './violation-row.js';

@Plugin({
  pluginId: 'licenses',
  controllers: [LicensesController],
  entities: [ViolationRow],
  migrations: [CreateViolations1763900000000],
})
export class LicensesPlugin {
  constructor(
    private readonly licenseReview: LicenseReview,
    private readonly logger: LoggerService,
  ) {}

  @Scheduled({ id: 'review', every: '1h', initialDelay: '30s', timeout: '5m' })
  async review(signal: AbortSignal, run: TaskRun): Promise<void> {
    await this.licenseReview.run(signal, run);
  }

  @Subscribe(violationFound, { id: 'log' })
  log({ payload: { kind, name, version, license } }: Event<typeof violationFound>): void {
    this.logger.warn(`The policy denies the license of ${kind} ${name}`, { version, license });
  }
}
