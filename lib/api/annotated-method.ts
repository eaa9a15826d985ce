/** A decorated method of a plugin, module or controller that has been constructed. */
export interface AnnotatedMethod {
  readonly pluginId: string;
  /** Present where the method belongs to a module of the plugin. */
  readonly moduleId?: string;
  /** `CatalogController.getEntity`, for errors and logs. */
  readonly name: string;
  /** The decorator above it, as `Get`. */
  readonly decorator: string;
  /** What the decorator recorded. */
  readonly options: unknown;
  /** Where the decorator is, as `src/catalog-controller.ts:12:3`. */
  readonly place: string | undefined;
  /** Middleware of the class and of the method that `@Use` named, outermost first. */
  readonly middleware: readonly unknown[];
  /** Calls the method on its instance. */
  readonly call: (...args: never[]) => unknown;
}

/** A service that gives a method decorator its meaning. */
export interface AnnotatedMethodReceiver {
  /**
   * Called after `init()` of the method's owner. What it gives back, if anything, takes the method out again: a module
   * may be found to have failed when its methods are already there.
   */
  addMethod(method: AnnotatedMethod): TakeOut | void;
}

export type TakeOut = () => void;
