import 'reflect-metadata';

/**
 * The constructor parameter types the compiler recorded for `target` itself, or `undefined` where it recorded none.
 *
 * This is the only file that touches `Reflect`'s metadata.
 */
export function parameterTypesOf(target: object): readonly unknown[] | undefined {
  return Reflect.getOwnMetadata('design:paramtypes', target) as readonly unknown[] | undefined;
}
