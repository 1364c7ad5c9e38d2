/** Presets of ef_search, and recalls to ask for in their place, with what training measured for the version that serves; never a figure that was not measured. */
import { efSearchPresets, recallTargets } from '../../contract/limits'
import type { RecallPoint } from '../../contract/recall'
import type { ConfigPresets } from '../../contract/runtime-config'
import { breadthFor } from '../../domain/recall-curve'
import type { Model } from '../model'
import type { ModelHolder } from '../model-holder'

interface ServingRecall {
  version: string
  /** By `preset@k`, see train/recall.ts. */
  recall: Record<string, number>
  /** Absent: not measured. */
  curve?: RecallPoint[]
}

/** Of the model that serves; null while none does. */
export function servingRecall(holder: Pick<ModelHolder<Model>, 'current' | 'status'>): ServingRecall | null {
  if (holder.status().serving === null) return null
  const { version, manifest } = holder.current()
  return { version, recall: manifest.recall, curve: manifest.recallCurve?.points }
}

/**
 * @param serving null while no version serves
 * @param topK as configured
 */
export function showPresets(serving: ServingRecall | null, topK: number): ConfigPresets {
  const recallOf = (preset: string, k: number) => serving?.recall[`${preset}@${k}`] ?? null
  const curve = serving?.curve ?? []
  return {
    version: serving?.version ?? null,
    presets: Object.entries(efSearchPresets).map(([name, efSearch]) => ({
      name,
      efSearch,
      recallAt10: recallOf(name, 10),
      recallAt50: recallOf(name, 50),
    })),
    targets: recallTargets.map((recall) => ({ recall, efSearch: breadthFor(curve, recall, topK) })),
    measured: curve.length > 0,
  }
}
