/** Documents with append-only revisions: what they have in common, whatever their content. */
import { type Static, Type } from '@sinclair/typebox'
import { Instant, Nullable } from './schema'

export const documentKinds = [
  'runtime_config',
  'input_mapping',
  'output_mapping',
  'predictor_blueprint',
  'trainer_blueprint',
  'rule_set',
] as const
export type DocumentKind = (typeof documentKinds)[number]

export const DocumentRevision = Type.Object(
  {
    revision: Type.Integer(),
    author: Type.String(),
    note: Type.String(),
    at: Instant,
    sha256: Type.String(),
    /** The revision whose content this one brought back. */
    revertOf: Nullable(Type.Integer()),
  },
  { $id: 'DocumentRevision' },
)
export type DocumentRevision = Static<typeof DocumentRevision>

/** One value that differs: a JSON pointer, before and after; absent is null. */
export const ValueChange = Type.Object({ path: Type.String(), before: Type.Unknown(), after: Type.Unknown() }, { $id: 'ValueChange' })
export type ValueChange = Static<typeof ValueChange>
