import { annotateParameter, type ParameterAnnotation } from './annotations.js';
import { callSiteOf } from './call-site.js';
import { refuseStandardDecorators } from './legacy.js';
import type { Token } from './tokens.js';

/**
 * The decorator of a constructor parameter. TypeScript passes the literal index, so a token that does not fit its
 * parameter makes `I` the type `never` and the program does not compile.
 */
type ParameterDecoratorFor<T> = <C extends abstract new (...args: never[]) => unknown, const I extends number>(
  target: C,
  key: undefined,
  // In brackets, so that a union must fit as a whole and not just with one of its members.
  index: [T] extends [ConstructorParameters<C>[I]] ? I : never,
) => void;

/** Injects what `token` names. Needed for references, and with compilers that emit no metadata. */
export function Inject<T>(token: Token<T>): ParameterDecoratorFor<T> {
  return parameterDecorator('Inject', { token });
}

/** Injects every implementation of a multiton service, in order, as an array; an empty one where there is none. */
export function InjectAll<T>(token: Token<T>): ParameterDecoratorFor<T[]> {
  return parameterDecorator('InjectAll', { token, all: true });
}

/** Injects `undefined` where nothing implements the parameter's token, which otherwise is a plan error. */
export function Optional(): ParameterDecoratorFor<undefined> {
  return parameterDecorator('Optional', { optional: true });
}

function parameterDecorator(name: string, annotation: ParameterAnnotation) {
  const decorate = (target: object, context: unknown, index: number): void => {
    refuseStandardDecorators(name, context);
    annotateParameter(target, index, annotation, name, () => callSiteOf(decorate));
  };
  return decorate;
}
