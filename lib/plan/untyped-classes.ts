import type { Class } from '../../decorators/tokens.js';
import type { ClassRecord, ParameterRecord } from '../api/class-record.js';
import { describeTrail, type Report, type Trail } from './trail.js';

/** The classes whose compiler has recorded no types. Each is told once, whoever asks for it. */
export class UntypedClasses {
  readonly #told = new Set<Class>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Whether there are classes of which nobody knows what they need. */
  get any(): boolean {
    return this.#told.size > 0;
  }

  /** Takes a class with those of its parameters that name no token. */
  add({ target, name }: ClassRecord, parameters: readonly ParameterRecord[], trail: Trail): void {
    if (this.#told.has(target)) return;
    this.#told.add(target);
    const indices = parameters.map(({ index }) => index);
    const several = indices.length > 1;
    const [subject, each] = several
      ? [`Parameters ${indices.slice(0, -1).join(', ')} and ${indices.at(-1)}`, 'each parameter']
      : [`Parameter ${indices[0]}`, 'the parameter'];
    this.#report({
      code: 'NO_PARAMETER_METADATA',
      message: `${subject} of the constructor of class ${name} ${several ? 'have' : 'has'} no type at run time: the compiler recorded none for this class`,
      path: describeTrail(trail),
      fix: `write @Inject(Token) before ${each}; or compile with "emitDecoratorMetadata": true, which esbuild and tsx do not support.`,
    });
  }
}
