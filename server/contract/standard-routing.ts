/** Standard routings: templates that a plant keeps, found by a part's attributes. */
import { type Static, Type } from '@sinclair/typebox'

const Nullable = <T extends import('@sinclair/typebox').TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** The standard routing that a candidate is, or agrees with. */
export const StandardRouting = Type.Object({
  /** Id of the rule in the mapping. */
  rule: Type.String(),
  /** The standard-routing code, `RTG-GLAND1<-2/1PL`. */
  code: Type.String(),
  title: Nullable(Type.String()),
})
export type StandardRouting = Static<typeof StandardRouting>
