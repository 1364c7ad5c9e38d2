/** The learned model of operations, trained on all items or on all but some. */
import type { TrainerConfig } from '../../contract/training'
import type { Plant } from '../../domain/plant'
import type { SequenceMatrix } from '../../domain/sequence-features'
import { trainSequenceModel } from '../../engine/sequence-model'

/** @param without item rows that the model must not see */
export async function trainSequence(
  plant: Plant,
  matrix: SequenceMatrix,
  config: TrainerConfig,
  {
    without,
    onProgress,
    signal,
  }: { without?: ReadonlySet<number>; onProgress?: (done: number, total: number) => void; signal?: AbortSignal } = {},
): Promise<Uint8Array> {
  const { routings, steps } = plant
  const kept: number[] = []
  for (let routing = 0; routing < routings.count; routing++) if (!without?.has(routings.item[routing])) kept.push(routing)
  const stepOffsets = new Uint32Array(kept.length + 1)
  kept.forEach((routing, index) => {
    stepOffsets[index + 1] = stepOffsets[index] + routings.stepOffsets[routing + 1] - routings.stepOffsets[routing]
  })
  const operations = new Uint32Array(stepOffsets[kept.length])
  kept.forEach((routing, index) => {
    operations.set(steps.operation.codes.subarray(routings.stepOffsets[routing], routings.stepOffsets[routing + 1]), stepOffsets[index])
  })
  return trainSequenceModel({
    features: matrix.features,
    featureCount: matrix.featureCount,
    featureKinds: matrix.featureKinds,
    routingItem: Uint32Array.from(kept, (routing) => routings.item[routing]),
    routingWeight: Float32Array.from(kept, (routing) => routings.orders[routing] / ordersOf(plant, routings.item[routing])),
    stepOffsets,
    operations,
    operationCount: steps.operation.dictionary.length,
    options: { ...config.sequence, seed: config.seed, threads: config.threads },
    onProgress,
    signal,
  })
}

function ordersOf({ routings }: Plant, item: number): number {
  let orders = 0
  for (let routing = routings.itemOffsets[item]; routing < routings.itemOffsets[item + 1]; routing++) orders += routings.orders[routing]
  return orders
}
