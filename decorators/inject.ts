import { annotateParameter, type ParameterAnnotation } from './annotations.js';
import { callSiteOf } from './call-site.js';
import { refuseStandardDecorators } from './legacy.js';
import type { Token } from './tokens.js';

declare const misfit: unique symbol;

/** What the compiler shows where the type of a parameter does not take what would be injected. Nothing is of this type. */
export interface ParameterTypeDoesNotFit<Injected, Parameter, Fix extends string> {
  readonly [misfit]: [Injected, Parameter, Fix];
}

/**
 * The decorator of a constructor parameter. TypeScript passes the literal index, so that where a token does not fit its
 * parameter that index can be made an argument that does not compile, and whose type says why.
 */
type ParameterDecoratorFor<T, Fix extends string> = <
  C extends abstract new (...args: never[]) => unknown,
  const I extends number,
>(
  target: C,
  key: undefined,
  // In brackets, so that a union must fit as a whole and not just with one of its members.
  index: [T] extends [ConstructorParameters<C>[I]] ? I : ParameterTypeDoesNotFit<T, ConstructorParameters<C>[I], Fix>,
) => void;

/** Injects what `token` names. Needed for references, and with compilers that emit no metadata. */
export function Inject<T>(
  token: Token<T>,
): ParameterDecoratorFor<T, 'give the parameter the type that the token stands for, or name the token of its type'> {
  return parameterDecorator('Inject', { token });
}

/** Injects every implementation of a multiton service, in order, as an array; an empty one where there is none. */
export function InjectAll<T>(
  token: Token<T>,
): ParameterDecoratorFor<T[], 'make the parameter an array of what the token stands for'> {
  return parameterDecorator('InjectAll', { token, all: true });
}

/** Injects `undefined` where nothing implements the parameter's token, which otherwise is a plan error. */
export function Optional(): ParameterDecoratorFor<
  undefined,
  'let the parameter be undefined: write a ? behind its name'
> {
  return parameterDecorator('Optional', { optional: true });
}

function parameterDecorator(name: string, annotation: ParameterAnnotation) {
  const decorate = (target: object, context: unknown, index: unknown): void => {
    refuseStandardDecorators(name, context);
    // What does not fit does not compile; what is called is called with an index.
    annotateParameter(target, index as number, annotation, name, () => callSiteOf(decorate));
  };
  return decorate;
}
