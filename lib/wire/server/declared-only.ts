import { CheckSource, everyItem, generatedCheck, memberOf, mostNames, type QuickCheck } from './generated-check.js';
import { resolved, type ArrayShape, type ObjectShape, type PlainShape, type Shape } from './json-shape.js';

/** Whether a value, which came from JSON, has nothing that `keyCheckOf` would find. */
export function declaredOnlyOf(shape: Shape): QuickCheck {
  return generatedCheck(source => new DeclaredOnlyWriter(source).check(shape, 'v'));
}

/** Other than what is looked for, nothing matters: what is of the wrong type, the validator refuses. */
class DeclaredOnlyWriter {
  readonly #source: CheckSource;

  constructor(source: CheckSource) {
    this.#source = source;
  }

  check(shape: Shape, value: string): string {
    const found = resolved(shape);
    if (found.kind === 'one') return this.#one(found.branches, value);
    return found.kind === 'plain' ? this.#plain(found, value) : 'true';
  }

  #plain({ types, object, array }: PlainShape, value: string): string {
    const isWhole = types?.includes('integer') && !types.includes('number') && `Number.isSafeInteger(${value})`;
    const ofArray = array && this.#array(array, value);
    const ofObject = object && this.#source.call(object, value, () => this.#object(object));
    if (!ofArray && !ofObject) return isWhole || 'true';
    const ofOther = ofObject ?? 'true';
    const inside = ofArray ? `(Array.isArray(${value}) ? ${ofArray} : ${ofOther})` : ofOther;
    return isWhole ? `(typeof ${value} === 'number' ? ${isWhole} : ${inside})` : inside;
  }

  /** Which of several is meant is not for here to find out. */
  #one(branches: readonly Shape[], value: string): string {
    const checks = branches.map(branch => this.check(branch, value)).filter(check => check !== 'true');
    if (checks.length === 0) return 'true';
    const other = `(typeof ${value} === 'string' || ${value} === null)`;
    return checks.length === 1 ? `(${other} || ${checks[0]!})` : other;
  }

  #object({ properties, patterns, additional }: ObjectShape): string {
    if (properties.size > mostNames) return 'return false;';
    const cases = [...properties].map(([name, { shape }]) => {
      const check = this.check(shape, memberOf(name));
      return `case ${JSON.stringify(name)}: ${check === 'true' ? '' : `if (!(${check})) return false;`} break;`;
    });
    const other = patterns.length > 0 || !additional ? 'false' : this.check(additional, 'v[k]');
    const members = `for (const k in v) switch (k) { ${cases.join(' ')} default: if (!(${other})) return false; }`;
    return `if (typeof v !== 'object' || Array.isArray(v)) return true; ${members} return true;`;
  }

  #array(array: ArrayShape, value: string): string {
    if (array.first.length > 0) return 'false';
    return this.#source.call(array, value, () => {
      const check = this.check(array.rest, 'v[n]');
      return check === 'true' ? 'return true;' : `if (!Array.isArray(v)) return true; ${everyItem(check)}`;
    });
  }
}
