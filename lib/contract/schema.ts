import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';

/** A JSON Schema of draft 2020-12. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** A schema that gives its JSON Schema itself, as those of zod 4 do. */
export type SelfDescribingSchema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output> & {
  readonly '~standard': StandardJSONSchemaV1.Props<Input, Output>;
};

/** A schema that does not, together with the JSON Schema of what it takes. */
export interface DescribedSchema<Input = unknown, Output = Input> {
  readonly schema: StandardSchemaV1<Input, Output>;
  readonly jsonSchema: JsonSchema;
}

// oxlint-disable-next-line typescript/no-explicit-any -- A schema takes and gives what it says; neither is ours to bound.
export type Schema<Input = any, Output = any> = SelfDescribingSchema<Input, Output> | DescribedSchema<Input, Output>;

type StandardOf<S> = S extends DescribedSchema ? S['schema'] : S;

/** What a sender may write. */
export type InputOf<S> = StandardOf<S> extends StandardSchemaV1 ? StandardSchemaV1.InferInput<StandardOf<S>> : never;

/** What a receiver gets. */
export type OutputOf<S> = StandardOf<S> extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<StandardOf<S>> : never;
