/** Says `true` only of a value that needs no closer look; `false` says nothing. */
export type QuickCheck = (value: unknown) => boolean;

/** V8 compares a key with one name after the other; for more of them a map is faster. */
export const mostNames = 64;

/**
 * A check that is written as source, since V8 makes far more of one function that knows the names than of many that are
 * told them. Where code must not be generated (`node --disallow-code-generation-from-strings`) it says nothing.
 *
 * `write` is asked with the first value: most operations of a large backend are seldom called.
 */
export function generatedCheck(write: (source: CheckSource) => string): QuickCheck {
  let check: QuickCheck | undefined;
  return value => {
    if (!check) {
      const source = new CheckSource();
      check = source.compile(write(source));
    }
    return check(value);
  };
}

/** Functions as text, one for each part of a shape; each looks at `v`, and may call the others. */
export class CheckSource {
  readonly #names = new Map<object, string>();
  readonly #functions: string[] = [];

  /** A call of the function for `part`, whose body is written the first time. */
  call(part: object, argument: string, write: () => string): string {
    let name = this.#names.get(part);
    if (name === undefined) {
      // Named before it is written: a schema may hold itself.
      name = `check${this.#names.size}`;
      this.#names.set(part, name);
      this.#functions.push(`function ${name}(v) { ${write()} }`);
    }
    return `${name}(${argument})`;
  }

  compile(expression: string): QuickCheck {
    if (expression === 'false') return () => false;
    try {
      // oxlint-disable-next-line no-implied-eval -- Of a schema there is nothing in it but names and constants, each as JSON.
      return new Function(`'use strict'; ${this.#functions.join(' ')} return v => ${expression};`)() as QuickCheck;
    } catch (error) {
      if (error instanceof EvalError) return () => false;
      throw error;
    }
  }
}

/** Reads what `v` has under a name. */
export function memberOf(name: string): string {
  return `v[${JSON.stringify(name)}]`;
}

/** Looks at all that is in the list `v`. */
export function everyItem(check: string): string {
  return `for (let n = 0; n < v.length; n++) if (!(${check})) return false; return true;`;
}
