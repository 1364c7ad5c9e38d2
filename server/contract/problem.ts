/**
 * The one closed list of problem codes and the envelope in which every error crosses the wire.
 * A message never repeats what the client submitted; the cause goes to the log only.
 */
import { type Static, Type } from '@sinclair/typebox'

/** Code → HTTP status and the CLI's exit code. Codes are stable: programs may depend on them. */
export const problemCodes = {
  // the client's mistakes
  bad_json: { status: 400, exit: 65 },
  bad_request: { status: 400, exit: 2 },
  invalid_value: { status: 422, exit: 65 },
  unknown_attribute: { status: 422, exit: 65 },
  unknown_item: { status: 404, exit: 65 },
  unknown_proposal: { status: 404, exit: 65 },
  not_found: { status: 404, exit: 66 },
  method_not_allowed: { status: 405, exit: 2 },
  body_too_large: { status: 413, exit: 65 },
  too_deep: { status: 400, exit: 65 },
  unsupported_media_type: { status: 415, exit: 65 },
  too_many_items: { status: 413, exit: 65 },
  forbidden: { status: 403, exit: 77 },
  // people and machines
  not_authenticated: { status: 401, exit: 77 },
  login_failed: { status: 401, exit: 77 },
  too_many_attempts: { status: 429, exit: 75 },
  cross_site: { status: 403, exit: 77 },
  insecure_transport: { status: 403, exit: 77 },
  weak_password: { status: 422, exit: 65 },
  password_change_needed: { status: 403, exit: 77 },
  setup_closed: { status: 409, exit: 65 },
  last_admin: { status: 409, exit: 65 },
  account_unknown: { status: 404, exit: 66 },
  account_conflict: { status: 409, exit: 65 },
  session_unknown: { status: 404, exit: 66 },
  key_unknown: { status: 404, exit: 66 },
  too_many_streams: { status: 429, exit: 75 },
  // queries the engine refuses
  vector_not_finite: { status: 422, exit: 65 },
  vector_wrong_length: { status: 422, exit: 65 },
  vector_zero: { status: 422, exit: 65 },
  // models and their files
  model_not_loaded: { status: 503, exit: 69 },
  version_unknown: { status: 404, exit: 66 },
  version_not_active: { status: 409, exit: 65 },
  version_conflict: { status: 409, exit: 75 },
  artifact_missing: { status: 409, exit: 65 },
  artifact_corrupt: { status: 409, exit: 65 },
  artifact_mismatch: { status: 409, exit: 65 },
  golden_failed: { status: 409, exit: 65 },
  manifest_invalid: { status: 409, exit: 65 },
  quality_worse: { status: 409, exit: 65 },
  version_in_use: { status: 409, exit: 65 },
  version_incompatible: { status: 409, exit: 65 },
  memory_short: { status: 409, exit: 75 },
  // documents
  stale_revision: { status: 412, exit: 75 },
  revision_unknown: { status: 404, exit: 66 },
  job_unknown: { status: 404, exit: 66 },
  job_conflict: { status: 409, exit: 65 },
  schedule_unknown: { status: 404, exit: 66 },
  // the plant's data
  source_not_found: { status: 422, exit: 66 },
  source_unreadable: { status: 422, exit: 65 },
  source_unsupported: { status: 422, exit: 65 },
  source_password: { status: 422, exit: 77 },
  table_unknown: { status: 422, exit: 65 },
  column_unknown: { status: 422, exit: 65 },
  mapping_invalid: { status: 422, exit: 65 },
  data_refused: { status: 422, exit: 65 },
  data_empty: { status: 422, exit: 65 },
  // the machine
  training_locked: { status: 409, exit: 75 },
  storage_full: { status: 507, exit: 74 },
  busy: { status: 503, exit: 75 },
  overloaded: { status: 503, exit: 75 },
  deadline_exceeded: { status: 504, exit: 75 },
  cancelled: { status: 409, exit: 130 },
  database_unavailable: { status: 503, exit: 69 },
  engine_failed: { status: 500, exit: 70 },
  internal: { status: 500, exit: 70 },
} as const

export type ProblemCode = keyof typeof problemCodes

/** Where a problem lies: a JSON pointer into the request, a table's column, a file. */
export const ProblemDetail = Type.Object({
  path: Type.String({ description: 'JSON pointer, column name or file name' }),
  message: Type.String(),
})
export type ProblemDetail = Static<typeof ProblemDetail>

export const Problem = Type.Object(
  {
    code: Type.Unsafe<ProblemCode>(Type.Union(Object.keys(problemCodes).map((code) => Type.Literal(code)))),
    message: Type.String({ description: 'One sentence for a person; never the submitted value' }),
    requestId: Type.String(),
    details: Type.Optional(Type.Array(ProblemDetail, { maxItems: 50 })),
  },
  { $id: 'Problem' },
)
export type Problem = Static<typeof Problem>
