import { Service } from '../../../decorators/service.js';
import { SchedulerClock } from '../../api/scheduler-clock.js';
import { longestTimer } from '../../contract/timer.js';

/** The time of the machine. */
@Service({ implements: SchedulerClock })
export class SystemClock extends SchedulerClock {
  static {
    Object.freeze(this.prototype);
  }

  override get isManual(): boolean {
    return false;
  }

  override now(): number {
    return Date.now();
  }

  override elapsed(): number {
    return performance.now();
  }

  override after(ms: number, work: () => void): () => void {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      timer = setTimeout(
        () => (left > longestTimer ? wait(left - longestTimer) : work()),
        Math.min(left, longestTimer),
      );
    };
    wait(Math.max(0, ms));
    return () => clearTimeout(timer);
  }

  override during(): void {}
}
