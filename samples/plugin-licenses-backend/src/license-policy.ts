import type { Entity } from '@inventory/plugin-catalog-common';
import type { Finding, Verdict } from '@inventory/plugin-licenses-common';
import { Injectable } from 'backplane';
import parse from 'spdx-expression-parse';
import { LicensesConfig } from './licenses-config.js';

type Expression = ReturnType<typeof parse>;

/** From good to bad. */
const order: readonly Verdict[] = ['allowed', 'unreviewed', 'unstated', 'denied'];

/** Judges SPDX expressions: of `A OR B` the better one counts, of `A AND B` the worse one. */
@Injectable()
export class LicensePolicy {
  constructor(private readonly config: LicensesConfig) {}

  findingOf({ kind, name, version, license }: Entity): Finding {
    return { kind, name, version, license, verdict: this.judge(license) };
  }

  /** A text that is no SPDX expression, as `SEE LICENSE IN LICENSE.txt`, is for somebody to read. */
  judge(license: string | undefined): Verdict {
    if (license === undefined) return 'unstated';
    try {
      return this.judgeExpression(parse(license));
    } catch {
      return this.judgeOne(license);
    }
  }

  private judgeExpression(expression: Expression): Verdict {
    if ('license' in expression) return this.judgeOne(expression.license);
    const [left, right] = [this.judgeExpression(expression.left), this.judgeExpression(expression.right)];
    const leftIsBetter = order.indexOf(left) < order.indexOf(right);
    return leftIsBetter === (expression.conjunction === 'or') ? left : right;
  }

  private judgeOne(license: string): Verdict {
    if (this.config.denied.includes(license)) return 'denied';
    return this.config.allowed.includes(license) ? 'allowed' : 'unreviewed';
  }
}
