/** Switches versions from the command line: through the serving processes where there are some, else by looking at the version itself. */

import type { ModelState } from '../contract/version'
import { DomainError } from '../domain/error'
import { activate, rollback } from '../pipeline/registry'
import { switchVersion } from '../pipeline/switching/coordinate'
import { readState } from '../store/model-version'
import type { Db } from '../store/open'
import { livingWorkers } from '../store/worker-state'

export interface CommandSwitch {
  /** The version before, when absent. */
  version?: string
  who: string
  why: string
  force?: boolean
}

/**
 * Every byte is read and the golden queries are put, by every serving process, or here when there is none; then the registry is
 * changed. Returns when all serve the version. Throws as `activate` and `rollback` of the registry.
 */
export async function switchByCommand(
  db: Db,
  modelsDirectory: string,
  { version, who, why, force }: CommandSwitch,
): Promise<{ state: ModelState; warning: string | null }> {
  const serving = livingWorkers(db, new Date()).filter(({ stopping }) => !stopping)
  if (serving.length > 0) {
    const target = version ?? readState(db).previous
    if (target === null) throw new DomainError('not_found', 'there is no previous version to go back to')
    const kind = version === undefined ? 'rollback' : 'activate'
    return switchVersion({ db, modelsDirectory, coordinator: `cli:${crypto.randomUUID()}` }, { version: target, kind, who, why, force })
  }
  // Loaded here: the other commands work without the native addon.
  const [{ openTriedModel }, { retireModel }] = await Promise.all([import('../pipeline/tried-model'), import('../pipeline/model')])
  // The model is opened only to see that it answers; a server opens it for itself when it starts.
  const prepare: typeof openTriedModel = async (...input) => {
    const model = await openTriedModel(...input)
    retireModel(model)
    return model
  }
  const how = { who, why, force, prepare }
  return version === undefined ? rollback(db, modelsDirectory, how) : activate(db, modelsDirectory, { ...how, version })
}
