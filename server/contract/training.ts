/** Parameters of training (`trainer_config.yaml`) and its progress. */
import { type Static, Type } from '@sinclair/typebox'
import { strict } from './schema'

export const TrainerConfig = Type.Object(
  {
    encoder: Type.Object({ dimensionsMax: Type.Integer({ minimum: 32, maximum: 1536, default: 256 }) }, { ...strict, default: {} }),
    index: Type.Object(
      {
        /** m of HNSW: links a vector on the lower levels. */
        connectivity: Type.Integer({ minimum: 4, maximum: 64, default: 16 }),
        /** ef_construction: breadth of the search for each insertion. */
        expansionAdd: Type.Integer({ minimum: 16, maximum: 1024, default: 160 }),
      },
      { ...strict, default: {} },
    ),
    sequence: Type.Object(
      {
        /** The plant's size decides when absent. */
        trees: Type.Optional(Type.Integer({ minimum: 1, maximum: 512 })),
        /** Transitions (step → next step) sampled for the learned model. */
        maxTransitions: Type.Optional(Type.Integer({ minimum: 1_000, maximum: 10_000_000 })),
      },
      { ...strict, default: {} },
    ),
    heldOut: Type.Object(
      {
        /** Items held out to choose and calibrate; at most a fifth of the routed ones. */
        itemsMax: Type.Integer({ minimum: 0, maximum: 20_000, default: 1_500 }),
        /** With fewer routed items than this, five folds are used instead of one split. */
        foldsBelow: Type.Integer({ minimum: 0, maximum: 100_000, default: 1_200 }),
      },
      { ...strict, default: {} },
    ),
    threads: Type.Integer({ minimum: 0, maximum: 256, default: 0, description: '0: one a processor' }),
    seed: Type.Integer({ minimum: 0, default: 1 }),
  },
  { ...strict, $id: 'TrainerConfig' },
)
export type TrainerConfig = Static<typeof TrainerConfig>

export const trainStages = ['extract', 'encode', 'index', 'learn', 'calibrate', 'verify', 'publish'] as const
export type TrainStage = (typeof trainStages)[number]

/** done/total are counts of the stage's own unit, total 0 when it is not known. */
export interface TrainProgress {
  stage: TrainStage
  done: number
  total: number
}
