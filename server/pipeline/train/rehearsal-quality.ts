/** `quality.json` of a version, from the held-out cases of its own training: no model is trained for it. */
import { Value } from '@sinclair/typebox/value'
import type { Learned } from '../../contract/learned'
import { type ProtocolQuality, QUALITY_SCHEMA, QualityReport, type RetrievalQuality } from '../../contract/quality'
import { acceptedSequences, type Baseline, bestSingleAttribute, mostFrequent } from '../../domain/evaluation/baselines'
import { roundedReport } from '../../domain/evaluation/flat-quality'
import { type ScoredCase, scoreProtocol } from '../../domain/evaluation/protocol-quality'
import { CROSS_FOLDS, crossFit, crossFitTimes, type RehearsedAnswer } from '../../domain/evaluation/rehearsed-answer'
import { scoreTimeKind } from '../../domain/evaluation/time-quality'
import type { HeldOutCase } from '../../domain/held-out'
import type { Plant } from '../../domain/plant'
import { subsetPlant } from '../../domain/plant-subset'
import { type Random, sampleRows, seededRandom } from '../../domain/random'
import type { TimeTrial } from '../../domain/time-method'
import { chosenBy, type WeightRow } from './chosen'

export interface RehearsalQualityInput {
  plant: Plant
  mapping: string
  seed: number
  /** ISO 8601, UTC. */
  at: string
  cases: HeldOutCase[]
  trials: TimeTrial[]
  /** Every routed item was held out once, in folds. */
  isSmall: boolean
  learned: Learned
  weights: WeightRow[]
  retrieval: RetrievalQuality
}

/** The baselines learn from this many items at most. */
const BASELINE_ITEMS = 3_000

export function rehearsalQuality(input: RehearsalQualityInput): QualityReport {
  const { plant, cases, trials, seed, learned, weights, retrieval } = input
  const random = seededRandom(seed)
  const answers = crossFit(cases, seed)
  const scored = scoredCases(plant, answers, random)
  const report = roundedReport({
    schema: QUALITY_SCHEMA,
    measured: {
      by: 'rehearsal',
      mapping: input.mapping,
      command: null,
      at: input.at,
      seed,
      plantItems: plant.items.count,
      plantRoutings: plant.routings.count,
      split: 'item',
      folds: input.isSmall ? Math.min(5, new Set(cases.map(({ item }) => item)).size) : 1,
      calibration: `cross-fitted: ranking, confidence, time methods and intervals of each of ${CROSS_FOLDS} parts of the held-out items come from the other parts`,
    },
    protocols: protocolsOf(scored, random),
    times: timesOf(trials, random),
    retrieval,
    chosen: chosenBy(learned, weights),
  })
  const wrong = Value.Errors(QualityReport, report).First()
  // found here, before anything is published, rather than by the first who reads it
  if (wrong !== undefined) throw new Error(`the quality report is not as its schema says at ${wrong.path}: ${wrong.message}`)
  return report
}

type ProtocolCase = ScoredCase & { protocol: HeldOutCase['protocol'] }

/** Baselines answer for items held out one by one; with families held out they would have seen the siblings. */
function scoredCases(plant: Plant, answers: RehearsedAnswer[], random: Random): ProtocolCase[] {
  const { dictionary } = plant.steps.operation
  const inWords = (sequences: Uint32Array[]) => sequences.map((operations) => Array.from(operations, (code) => dictionary[code]))
  const plainKnown = new Map(answers.flatMap(({ case: { protocol, item, known } }) => (protocol === 'item' ? [[item, known]] : [])))
  const baselinesOf = rehearsedBaselines(
    plant,
    answers.map((answer) => answer.case.item),
    random,
  )
  return answers.map(({ case: { protocol, item, known }, candidates, confidence, abstained, copies }) => ({
    protocol,
    item,
    candidates: inWords(candidates),
    accepted: acceptedSequences(plant, item),
    confidence,
    abstained,
    blanked: protocol === 'blanked' ? Math.max(0, 1 - known / (plainKnown.get(item) || 1)) : 0,
    resourceSimilarity: null,
    baselines:
      protocol !== 'item'
        ? []
        : [
            ...baselinesOf(item).map(({ name, answer }) => ({ name, candidates: answer(plant, item) })),
            { name: "nearest neighbours' copies", candidates: inWords(copies) },
          ],
  }))
}

/** Baselines that never saw the item: learned on items that are not held out, or, where all are, on those of other parts. */
function rehearsedBaselines(plant: Plant, heldOut: number[], random: Random): (item: number) => Baseline[] {
  const held = [...new Set(heldOut)]
  const isHeld = new Set(held)
  const { itemOffsets } = plant.routings
  const routed = Array.from({ length: plant.items.count }, (_, row) => row).filter((row) => itemOffsets[row + 1] > itemOffsets[row])
  const free = routed.filter((row) => !isHeld.has(row))
  const learn = (rows: number[]): Baseline[] => {
    const taken = Array.from(sampleRows(rows.length, BASELINE_ITEMS, random), (at) => rows[at]).sort((a, b) => a - b)
    const train = subsetPlant(
      { ...plant, results: { count: 0, step: new Uint32Array(0), setup: noTimes, run: noTimes } },
      Uint32Array.from(taken),
    )
    const [frequent, single] = [mostFrequent(train), bestSingleAttribute(train)]
    return [frequent, { ...single, name: 'most frequent by best single attribute' }]
  }
  if (free.length >= Math.min(BASELINE_ITEMS, held.length)) {
    const baselines = learn(free)
    return () => baselines
  }
  const partOf = new Map(held.map((item, at) => [item, at % CROSS_FOLDS]))
  const parts = Array.from({ length: CROSS_FOLDS }, (_, part) => learn(routed.filter((row) => partOf.get(row) !== part)))
  return (item) => parts[partOf.get(item) ?? 0]
}

const noTimes = new Float64Array(0)

const depths = [
  { name: 'blanked, under 20 %', from: 0, to: 0.2 },
  { name: 'blanked, 20 to 40 %', from: 0.2, to: 0.4 },
  { name: 'blanked, over 40 %', from: 0.4, to: 1.1 },
]

/** The plain question first, then the harder ones; those that were not asked are absent. */
function protocolsOf(scored: ProtocolCase[], random: Random): ProtocolQuality[] {
  const of = (protocol: HeldOutCase['protocol']) => scored.filter((entry) => entry.protocol === protocol)
  const blanked = of('blanked')
  const groups = [
    { name: 'item', cases: of('item') },
    { name: 'family', cases: of('family') },
    { name: 'item, one unseen value', cases: of('unseen') },
    { name: 'blanked', cases: blanked },
    ...depths.map(({ name, from, to }) => ({ name, cases: blanked.filter((entry) => entry.blanked >= from && entry.blanked < to) })),
  ]
  return groups.filter(({ cases }) => cases.length > 0).map(({ name, cases }) => scoreProtocol(name, cases, random))
}

function timesOf(trials: TimeTrial[], random: Random): QualityReport['times'] {
  const cases = crossFitTimes(trials)
  return [...new Set(cases.map(({ kind }) => kind))].flatMap(
    (kind) =>
      scoreTimeKind(
        kind,
        cases.filter((entry) => entry.kind === kind),
        random,
      ) ?? [],
  )
}
