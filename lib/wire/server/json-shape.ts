export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'object' | 'array';

/** What a JSON Schema says about the structure of a value; lengths, formats and the like are left to the validator. */
export type Shape =
  | { readonly kind: 'any' }
  | { readonly kind: 'never' }
  /** Looked up when it is needed, since a schema may hold itself. */
  | { readonly kind: 'reference'; readonly target: () => Shape }
  | { readonly kind: 'one'; readonly branches: readonly Shape[] }
  | PlainShape;

export interface PlainShape {
  readonly kind: 'plain';
  /** Absent: any. */
  readonly types: readonly JsonType[] | undefined;
  /** The only values there are, as `enum` and `const` say. */
  readonly values: readonly unknown[] | undefined;
  readonly object: ObjectShape | undefined;
  readonly array: ArrayShape | undefined;
}

export interface ObjectShape {
  readonly properties: ReadonlyMap<string, PropertyShape>;
  readonly patterns: readonly (readonly [RegExp, Shape])[];
  /** What other keys hold; `undefined`: there are no others. */
  readonly additional: Shape | undefined;
}

export interface PropertyShape {
  readonly shape: Shape;
  readonly required: boolean;
  /** What stands for it where it is absent. */
  readonly fallback: unknown;
}

export interface ArrayShape {
  readonly first: readonly Shape[];
  /** What follows those. */
  readonly rest: Shape;
}

/** A keyword that changes the structure in a way that is not understood here. */
export class UnsupportedKeyword extends Error {
  override readonly name = 'UnsupportedKeyword';

  constructor(readonly keyword: string) {
    super(`'${keyword}' is not supported`);
  }
}

/** The shape itself, behind references. */
export function resolved(shape: Shape): Exclude<Shape, { kind: 'reference' }> {
  let found = shape;
  for (let hops = 0; found.kind === 'reference'; hops++) {
    if (hops > 100) return { kind: 'never' };
    found = found.target();
  }
  return found;
}
