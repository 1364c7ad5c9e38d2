/** Live events (`GET /api/v1/events`, text/event-stream): what changed, so that screens need not ask. Each has an id that grows. */
import { type Static, Type } from '@sinclair/typebox'
import { ActivationIntent } from './activation'
import { TrainingJob } from './training-job'
import { ModelState } from './version'

/** `event:` → `data:`. Events of an admin only are not sent to others. */
export const LiveEvents = {
  /** The version that serves; sent first and with each change. */
  model: ModelState,
  /** The configuration's revision. */
  config: Type.Object({ revision: Type.Integer() }),
  /** Admins: how a switch goes on, step by step. */
  activation: ActivationIntent,
  /** Admins: how many wait for approval. */
  accounts: Type.Object({ pending: Type.Integer() }),
  /** Admins: a training job that changed. */
  job: TrainingJob,
  /** Admins: a minute of the dashboard is complete. */
  minute: Type.Object({ minute: Type.Integer() }),
} as const
export type LiveEventName = keyof typeof LiveEvents
export type LiveEvent = { [Name in LiveEventName]: { event: Name; data: Static<(typeof LiveEvents)[Name]> } }[LiveEventName]
