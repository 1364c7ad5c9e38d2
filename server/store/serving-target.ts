/** What a serving process asks many times a second: which version should serve, and whether another one is being prepared. */
import { DomainError } from '../domain/error'
import type { Db } from './open'
import { storeProblem } from './store-problem'

export interface ServingTarget {
  active: string | null
  epoch: number
  /** Id of the switch that is being prepared. */
  intent: number | null
}

const question = `SELECT active_version AS active, epoch,
  (SELECT id FROM activation_intents WHERE status = 'preparing') AS intent FROM model_state WHERE id = 1`

/** One prepared statement, microseconds. Throws `database_unavailable`, `busy`. */
export function readServingTarget(db: Db): ServingTarget {
  let row: ServingTarget | null
  try {
    row = db.$client.query<ServingTarget, []>(question).get()
  } catch (error) {
    throw storeProblem(error)
  }
  if (row === null) throw new DomainError('database_unavailable', 'the registry has lost its state')
  return row
}
