/** Opening a version that is to serve: beside its golden queries, some whole predictions are made, since only these use every file. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '../contract/manifest'
import { DomainError } from '../domain/error'
import { defaultSettings } from '../domain/settings'
import { goldenItems } from './golden'
import { type Model, modelFiles, openModel, retireModel } from './model'
import { predict } from './predict'

/** A few ms each. */
const TRIALS_MAX = 8

/** Throws as `openModel`; `golden_failed` when a known item cannot be predicted. */
export async function openTriedModel(directory: string, manifest: Manifest, options: { epoch: number }): Promise<Model> {
  const model = await openModel(directory, manifest, options)
  try {
    const text = readFileSync(join(directory, modelFiles.golden), 'utf8')
    for (const item of goldenItems(model, text).slice(0, TRIALS_MAX)) {
      await new Promise(setImmediate)
      tryItem(model, item)
    }
    return model
  } catch (error) {
    retireModel(model)
    throw error
  }
}

function tryItem(model: Model, item: string): void {
  try {
    JSON.stringify(predict(model, { item }, { settings: defaultSettings }))
  } catch (cause) {
    throw new DomainError('golden_failed', 'the version cannot predict an item that it knows', {
      details: [{ path: 'golden.jsonl', message: 'a prediction failed' }],
      cause,
    })
  }
}
