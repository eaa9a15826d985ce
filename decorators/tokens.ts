/** A class that may be abstract: what names a service or an extension point. */
export type AbstractClass<T = unknown> = abstract new (...args: never[]) => T;

/** A class that can be constructed. */
export type Class<T = unknown> = new (...args: never[]) => T;

export type Scope = 'root' | 'plugin';

declare const type: unique symbol;

/** A token for those who want an interface, not a class, as the type of a service. */
export interface ServiceRef<T> extends ServiceDeclaration {
  readonly kind: 'service-ref';
  readonly [type]?: T;
}

/** A token for those who want an interface, not a class, as the type of an extension point. */
export interface ExtensionPointRef<T> extends ExtensionPointDeclaration {
  readonly kind: 'extension-point-ref';
  readonly [type]?: T;
}

/** What names a service. */
export type ServiceToken<T = unknown> = AbstractClass<T> | ServiceRef<T>;

/** What names an extension point. */
export type ExtensionPointToken<T = unknown> = AbstractClass<T> | ExtensionPointRef<T>;

/** What can be injected: a class, or a reference that stands for an interface. */
export type Token<T = unknown> = ServiceToken<T> | ExtensionPointToken<T>;

/** The types behind a list of tokens. */
export type InstancesOf<T extends readonly Token[]> = {
  -readonly [I in keyof T]: T[I] extends Token<infer U> ? U : never;
};

/** What names a default implementation without loading it: a class, or the module that has one. */
export type DefaultImplementation = () => Class | Promise<object>;

export interface ServiceDeclaration {
  /** `<namespace>.<name>`, kebab-case. */
  readonly id: string;
  /** `root`: one instance per backend. `plugin`: one per plugin. */
  readonly scope: Scope;
  /** Every implementation is kept, in order, and injected as an array with `@InjectAll`. Default `false`. */
  readonly multiton?: boolean;
  /** The weakest implementation, used where nothing else implements the service. Loaded only then. */
  readonly default?: DefaultImplementation;
}

export interface ExtensionPointDeclaration {
  readonly pluginId: string;
  /** Unique within the plugin; the full id is `<pluginId>.<id>`. */
  readonly id: string;
}
