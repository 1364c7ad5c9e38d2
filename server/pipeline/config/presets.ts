/** Presets of ef_search with what training measured of them for the version that serves; never a figure that was not measured. */
import { efSearchPresets } from '../../contract/limits'
import type { ConfigPresets } from '../../contract/runtime-config'
import type { Model } from '../model'
import type { ModelHolder } from '../model-holder'

/** Of the model that serves; null while none does. */
export function servingRecall(
  holder: Pick<ModelHolder<Model>, 'current' | 'status'>,
): { version: string; recall: Record<string, number> } | null {
  if (holder.status().serving === null) return null
  const { version, manifest } = holder.current()
  return { version, recall: manifest.recall }
}

/** @param serving recall by `preset@k` (see train/recall.ts); null while no version serves */
export function showPresets(serving: { version: string; recall: Record<string, number> } | null): ConfigPresets {
  const recallOf = (preset: string, k: number) => serving?.recall[`${preset}@${k}`] ?? null
  return {
    version: serving?.version ?? null,
    presets: Object.entries(efSearchPresets).map(([name, efSearch]) => ({
      name,
      efSearch,
      recallAt10: recallOf(name, 10),
      recallAt50: recallOf(name, 50),
    })),
  }
}
