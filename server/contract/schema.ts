/** What the schemas of the contract are made of, beside TypeBox's own parts. */
import { type TSchema, Type } from '@sinclair/typebox'

/** An unknown field is refused. */
export const strict = { additionalProperties: false } as const

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** One of a closed list. Unsafe only to the types: they read a union of mapped literals as never. */
export const literals = <T extends string>(values: readonly T[]) => Type.Unsafe<T>(Type.Union(values.map((value) => Type.Literal(value))))

export const Instant = Type.String({ description: 'ISO 8601, UTC' })
