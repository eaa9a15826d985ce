/** A class whose constructor's first parameter takes what it wraps. */
type WrapperClass<T> = new (inner: T, ...rest: never[]) => T;

/** What the compiler shows where a wrapper's constructor takes nothing, which TypeScript would otherwise let pass. */
interface WrapperTakesWhatItWraps {
  readonly fix: "let the constructor's first parameter take what the class wraps, or write { implements: … }";
}

/** The decorator of a class that wraps a `T`. */
export type WrapperDecorator<T> = <C extends WrapperClass<T>>(
  target: ConstructorParameters<C>['length'] extends 0 ? C & WrapperTakesWhatItWraps : C,
) => void;
