import { isObject } from '../../util/is-object.js';
import { type BrokenRule, pointerBelow } from './broken-rules.js';
import { mayBe, ShapeMatcher } from './shape-matcher.js';
import { resolved, type ArrayShape, type ObjectShape, type PlainShape, type Shape } from './json-shape.js';

/**
 * Looks for keys that a schema does not declare, which validators mostly pass over, and for whole numbers that have
 * lost digits when they were read.
 */
export type KeyCheck = (value: unknown, findings: Findings) => void;

interface Finding extends BrokenRule {
  /** Of a key that is not declared: who has it. */
  readonly holder?: Record<string, unknown>;
  readonly key?: string;
}

/** What alternatives were tried on. */
interface Tried {
  /** What was found, by the alternatives of one place and the value. */
  readonly found: Map<object, Map<object, readonly Finding[]>>;
  readonly matcher: ShapeMatcher;
}

/** What a check has found. */
export class Findings {
  rules: Finding[] = [];
  /**
   * There while alternatives are tried: those within them are tried once for each value. Without that, time would double
   * with each level of what a caller nests.
   */
  readonly tried: Tried | undefined;

  constructor(tried?: Tried) {
    this.tried = tried;
  }

  add(found: readonly Finding[]): void {
    for (const finding of found) this.rules.push(finding);
  }

  /** Takes the keys away that are not declared, which then are no finding; says how many these were. */
  drop(): number {
    const dropped = this.rules.filter(({ holder }) => holder);
    for (const { holder, key } of dropped) delete holder![key!];
    this.rules = this.rules.filter(({ holder }) => !holder);
    return dropped.length;
  }
}

/** Compiles the check; `undefined` where there is nothing to look for. */
export function keyCheckOf(shape: Shape): KeyCheck | undefined {
  return new CheckCompiler().compile(shape);
}

class CheckCompiler {
  readonly #known = new Map<Shape, { check: KeyCheck | undefined }>();

  compile(shape: Shape): KeyCheck | undefined {
    const found = resolved(shape);
    const known = this.#known.get(found);
    if (known) return known.check;
    // A schema that holds itself finds this in place of the check that is still being made.
    const entry: { check: KeyCheck | undefined } = { check: (value, findings) => entry.check?.(value, findings) };
    this.#known.set(found, entry);
    entry.check = this.#compileNew(found);
    return entry.check;
  }

  #compileNew(shape: Shape): KeyCheck | undefined {
    switch (shape.kind) {
      case 'plain':
        return this.#plain(shape);
      case 'one':
        return this.#one(shape.branches);
      default:
        return undefined;
    }
  }

  #plain(shape: PlainShape): KeyCheck | undefined {
    const object = shape.object && this.#object(shape.object);
    const array = shape.array && this.#array(shape.array);
    const integer = shape.types?.includes('integer') && !shape.types.includes('number') ? checkInteger : undefined;
    if (!object && !array) return integer;
    return (value, findings) => {
      if (isObject(value)) object?.(value, findings);
      else if (Array.isArray(value)) array?.(value, findings);
      else integer?.(value, findings);
    };
  }

  #object({ properties, patterns, additional }: ObjectShape) {
    const checks = new Map<string, KeyCheck | undefined>();
    for (const [name, property] of properties) checks.set(name, this.compile(property.shape));
    const byPattern = patterns.map(([pattern, shape]) => [pattern, this.compile(shape)] as const);
    const others = additional && this.compile(additional);
    return (value: Record<string, unknown>, findings: Findings): void => {
      for (const key in value) {
        const check = checks.get(key);
        if (check) below(key, check, value[key], findings);
        else if (!checks.has(key)) {
          const matching = byPattern.find(([pattern]) => pattern.test(key));
          const other = matching ? matching[1] : others;
          if (other) below(key, other, value[key], findings);
          else if (!matching && !additional) undeclared(value, key, findings);
        }
      }
    };
  }

  #array({ first, rest }: ArrayShape): ((value: unknown[], findings: Findings) => void) | undefined {
    const checks = first.map(shape => this.compile(shape));
    const others = this.compile(rest);
    if (!others && checks.every(check => !check)) return undefined;
    return (value, findings) => {
      for (let index = 0; index < value.length; index++) {
        const check = index < checks.length ? checks[index] : others;
        if (check) below(index, check, value[index], findings);
      }
    };
  }

  #one(branches: readonly Shape[]): KeyCheck | undefined {
    const compiled = branches.map(shape => ({ shape, check: this.compile(shape) }));
    if (compiled.every(({ check }) => !check)) return undefined;
    const place = {};
    return (value, findings) => {
      // What has no keys is looked at as fast as it would be found.
      if (typeof value !== 'object' || value === null) return findings.add(leastOf(compiled, value, findings.tried));
      const tried: Tried = findings.tried ?? { found: new Map(), matcher: new ShapeMatcher() };
      let here = tried.found.get(place);
      if (!here) tried.found.set(place, (here = new Map()));
      let found = here.get(value);
      if (!found) here.set(value, (found = leastOf(compiled, value, tried)));
      findings.add(found);
    };
  }
}

interface Alternative {
  readonly shape: Shape;
  readonly check: KeyCheck | undefined;
}

/** What the alternative finds that finds least, of those that fit. */
function leastOf(alternatives: readonly Alternative[], value: unknown, tried: Tried | undefined): readonly Finding[] {
  const fitting = fittingOf(alternatives, value, tried);
  if (fitting.some(({ check }) => !check)) return [];
  let least: readonly Finding[] | undefined;
  for (const { check } of fitting) {
    const trial = new Findings(tried);
    check!(value, trial);
    if (!least || trial.rules.length < least.length) least = trial.rules;
  }
  return least ?? [];
}

/** Validators may take more than they say: where none fits, all count that begin to. */
function fittingOf(alternatives: readonly Alternative[], value: unknown, tried: Tried | undefined) {
  const fitting = tried && alternatives.filter(({ shape }) => tried.matcher.fits(shape, value));
  return fitting && fitting.length > 0 ? fitting : alternatives.filter(({ shape }) => mayBe(shape, value));
}

function checkInteger(value: unknown, { rules }: Findings): void {
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    rules.push({ pointer: '', rule: 'integer' });
}

function below(key: string | number, check: KeyCheck, value: unknown, findings: Findings): void {
  const { rules } = findings;
  const before = rules.length;
  check(value, findings);
  for (let n = before; n < rules.length; n++) {
    const finding = rules[n]!;
    rules[n] = { ...finding, pointer: pointerBelow(key, finding.pointer) };
  }
}

function undeclared(holder: Record<string, unknown>, key: string, { rules }: Findings): void {
  rules.push({ pointer: pointerBelow(key, ''), rule: 'undeclared', holder, key });
}
