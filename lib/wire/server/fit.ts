/** What a projection gives for a value that does not fit; `Fit` says where and why. */
export const misfit = Symbol('misfit');

/** What goes on while one value is projected. */
export class Fit {
  /** Where the misfit is: a JSON pointer. */
  pointer = '';
  /** Which rule it breaks. */
  rule = '';
  /** Whether anybody wants to know how many keys are left out; only unions do. */
  counts = false;
  left = 0;
  /**
   * What unions have made of values within a union: each is projected once, whatever alternatives around it are tried.
   * Without that, time would double with each level of what is nested.
   */
  made: Map<object, Map<object, { readonly projected: Projected; readonly left: number }>> | undefined;

  fails(rule: string): typeof misfit {
    this.pointer = '';
    this.rule = rule;
    return misfit;
  }

  failsBelow(key: string | number): typeof misfit {
    this.pointer = `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}${this.pointer}`;
    return misfit;
  }
}

/** JSON text; `undefined` of what has none, as a function. */
export type Projected = string | undefined | typeof misfit;

/**
 * The JSON text of `value` with only what a schema declares; `misfit` where it is not of the declared types. Lengths,
 * formats and the like are not looked at: what a plugin says of itself is believed so far.
 *
 * Text at once, and no copy to be written as text later: for 1 KiB of small members that takes half the time.
 *
 * `key` is what holds the value, for `toJSON()`.
 */
export type Project = (value: unknown, key: string | number, fit: Fit) => Projected;

/**
 * The same, written behind the text `before`: that spares V8 most of the pieces that it would have to put together once
 * the whole is sent.
 */
export type Append = (before: string, value: unknown, key: string | number, fit: Fit) => Projected;
