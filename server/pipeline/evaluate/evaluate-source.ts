/** Evaluation of a source: reads it, splits it (or takes a second file as the test), and holds out. */
import type { Mapping } from '../../contract/mapping'
import { QUALITY_SCHEMA, type QualityReport } from '../../contract/quality'
import type { TrainerConfig } from '../../contract/training'
import { DomainError } from '../../domain/error'
import { roundedReport } from '../../domain/evaluation/flat-quality'
import type { Plant } from '../../domain/plant'
import { sampleRows, seededRandom } from '../../domain/random'
import { openSource } from '../../source/open'
import type { OpenOptions } from '../../source/source'
import { extract } from '../extract'
import { type Evaluated, evaluate, holdOut } from './evaluate'
import { decay, type Hardship } from './question'
import { groupBy, makeFolds } from './splits'

export interface EvaluateSourceInput {
  sourcePath: string
  testPath?: string
  mapping: Mapping
  config: TrainerConfig
  /** `item`, `family`, or a column. */
  split: string
  /** Absent: five of items; groups one by one, unless they are many. */
  folds?: number
  seed: number
  /** At most so many held-out items a fold are asked; 0: all. */
  itemsMax: number
  hardship?: Hardship
  /** Asks the same items once more with 10, 30 and 50 % of their attributes left out and with one unseen value. */
  decay?: boolean
  /** How to do it again, for the report. */
  command?: string
  now?: Date
  sourceOptions?: OpenOptions
  onProgress?: (done: number, total: number) => void
}

export interface EvaluationReport extends Omit<Evaluated, 'protocols' | 'chosen'> {
  mapping: string
  protocol: { split: string; folds: number; seed: number; test: boolean; hardship: Hardship; plantItems: number; plantRoutings: number }
  /** All of it in one shape, as versions have it. */
  report: QualityReport
  seconds: number
}

/** Name of the column that a split needs and the mapping does not name; it is read and then taken away again. */
const SPLIT_FEATURE = '(split)'

/** @throws column_unknown (split), data_empty (nothing to hold out), and what source and extraction throw */
export async function evaluateSource(input: EvaluateSourceInput): Promise<EvaluationReport> {
  const started = performance.now()
  const { mapping, split, seed, itemsMax, hardship = { blank: 0, unseen: false } } = input
  const read = async (path: string, given: Mapping): Promise<Plant> => {
    const source = await openSource(path, input.sourceOptions)
    return (await extract(source, given).finally(() => source.close())).plant
  }
  const isNamed = split === 'item' || split === 'family' || mapping.features.some(({ name, column }) => split === name || split === column)
  const withSplit: Mapping = isNamed
    ? mapping
    : { ...mapping, features: [...mapping.features, { kind: 'category', column: split, name: SPLIT_FEATURE, weight: 0 }] }
  const plant = await read(input.sourcePath, input.testPath === undefined ? withSplit : mapping)
  const parts = input.testPath === undefined ? splitParts(plant, input, isNamed) : [testPart(plant, await read(input.testPath, mapping))]
  // drawn, not the first: rows of a plant stand together by kind
  const random = seededRandom(seed)
  if (itemsMax > 0) for (const part of parts) part.items = sampleRows(part.items.length, itemsMax, random).map((at) => part.items[at])
  const splitName = input.testPath === undefined ? split : 'file'
  const hardships = input.decay ? decay : [hardship]
  const asked = { mapping, config: input.config, parts, hardships, split: splitName, seed, onProgress: input.onProgress }
  const { protocols, chosen, ...result } = await evaluate(asked)
  return {
    mapping: mapping.name,
    protocol: {
      split: splitName,
      folds: parts.length,
      seed,
      test: input.testPath !== undefined,
      hardship,
      plantItems: plant.items.count,
      plantRoutings: plant.routings.count,
    },
    ...result,
    report: roundedReport({
      schema: QUALITY_SCHEMA,
      measured: {
        by: 'evaluation',
        mapping: mapping.name,
        command: input.command ?? null,
        at: input.now?.toISOString() ?? null,
        seed,
        plantItems: plant.items.count,
        plantRoutings: plant.routings.count,
        split: splitName,
        folds: parts.length,
        calibration:
          'the held-out items were not part of the training: ranking, confidence and intervals come from the training part alone',
      },
      protocols,
      times: [result.times.setup, result.times.run].filter((times) => times !== null),
      retrieval: result.retrieval,
      chosen,
    }),
    seconds: Math.round((performance.now() - started) / 10) / 100,
  }
  function splitParts(whole: Plant, { split: by }: EvaluateSourceInput, named: boolean) {
    const groups = by === 'item' ? null : groupBy(whole, named ? by : SPLIT_FEATURE)
    if (by !== 'item' && groups === null)
      throw new DomainError('column_unknown', 'the mapping has no such column to split by', {
        details: [{ path: '--split', message: 'unknown' }],
      })
    const folds = input.folds ?? usualFolds(whole, groups)
    const parted = makeFolds(whole, groups, folds, seed)
    if (parted.length < 2) throw new DomainError('data_empty', 'too few routed items or groups to hold any out')
    const stripped: Plant = named
      ? whole
      : { ...whole, items: { ...whole.items, features: whole.items.features.filter(({ name }) => name !== SPLIT_FEATURE) } }
    return parted.map((held) => holdOut(stripped, held))
  }
}

const FOLDS = 5
/** Up to so many groups each is held out by itself, as new families come; more of them are held out together. */
const GROUPS_ALONE_MAX = 30

function usualFolds({ items, routings }: Plant, groupOf: ((item: number) => string) | null): number {
  if (groupOf === null) return FOLDS
  const groups = new Set<string>()
  for (let item = 0; item < items.count; item++) if (routings.itemOffsets[item + 1] > routings.itemOffsets[item]) groups.add(groupOf(item))
  return groups.size <= GROUPS_ALONE_MAX ? groups.size : FOLDS
}

/** Every routed item of the test plant is asked. */
function testPart(train: Plant, test: Plant) {
  const items = Uint32Array.from(
    Array.from({ length: test.items.count }, (_, item) => item).filter(
      (item) => test.routings.itemOffsets[item + 1] > test.routings.itemOffsets[item],
    ),
  )
  if (items.length === 0) throw new DomainError('data_empty', 'no item of the test file has a routing')
  return { train, test, items }
}
