/**
 * The rehearsal: which items are held out how, the models that never saw them, and what they would have answered. Items are held out
 * one by one, by whole families, and with attributes blanked, since a plant asks all three.
 */
import type { TrainerConfig, TrainProgress } from '../../contract/training'
import { findHabits } from '../../domain/habit'
import type { HeldOutCase } from '../../domain/held-out'
import type { Plant } from '../../domain/plant'
import { type Random, sampleRows } from '../../domain/random'
import type { SequenceMatrix } from '../../domain/sequence-features'
import type { TimeTrial } from '../../domain/time-method'
import { SequenceModel } from '../../engine/sequence-model'
import { goOn } from './cancelling'
import { type Draft, heldOutCase } from './held-out-cases'
import { trainSequence } from './sequence-training'
import { rehearseTimes } from './time-trials'

/** Every third item is asked once more with attributes blanked, the next one with a value that nobody has seen. */
const HARDENED_EVERY = 3
const BLANKED_MIN = 0.1
const BLANKED_MAX = 0.7
/** Items of held-out families that are asked, at most, and folds of families in a small plant. */
const FAMILY_ITEMS_MAX = 400
const FAMILY_FOLDS = 5
/** The families of one fold are at most this share of the items: a model must remain. */
const FAMILY_FOLD_SHARE = 0.34
/** Families of one item each are no families. */
const FAMILIES_SHARE_MAX = 0.9
/** A model of unseen families is only asked here, never served: from so many items on it learns from fewer decisions. */
const FAMILY_LIGHT_FROM = 500
const FAMILY_TREES = 8
const FAMILY_TRANSITIONS = 60_000

export interface Rehearsal {
  cases: HeldOutCase[]
  trials: TimeTrial[]
  /** The model of the last item fold: never saw the items of that fold. */
  sequence: Uint8Array | null
  /** Whether every routed item was held out once, so that the shipped model must be trained anew. */
  isSmall: boolean
}

interface RehearsalInput {
  plant: Plant
  matrix: SequenceMatrix
  draft: Draft
  config: TrainerConfig
  random: Random
  onProgress: (progress: TrainProgress) => void
  signal?: AbortSignal
}

export async function rehearse(input: RehearsalInput): Promise<Rehearsal> {
  const { plant, matrix, config, random, onProgress, signal } = input
  const routed = Array.from({ length: plant.items.count }, (_, row) => row).filter(
    (row) => plant.routings.itemOffsets[row + 1] > plant.routings.itemOffsets[row],
  )
  const isSmall = routed.length < config.heldOut.foldsBelow
  const asked = Math.min(config.heldOut.itemsMax, isSmall ? routed.length : Math.floor(routed.length / 5))
  const heldOut = Array.from(sampleRows(routed.length, asked, random), (at) => routed[at])
  const foldCount = heldOut.length === 0 ? 0 : isSmall ? Math.min(5, heldOut.length) : 1
  const familyFolds = heldOut.length === 0 ? [] : foldFamilies(plant, routed, isSmall ? FAMILY_FOLDS : 1, random)
  const itemFolds = Array.from({ length: foldCount }, (_, fold) => makeFold(heldOut.filter((_row, at) => at % foldCount === fold)))
  const models = itemFolds.length + familyFolds.length + (isSmall ? 1 : 0)
  const cases: HeldOutCase[] = []
  const trials: TimeTrial[] = []
  let part = 0
  let done = 0
  const learn = async (out: ReadonlySet<number>, options: TrainerConfig): Promise<Uint8Array> => {
    const at = part++
    return trainSequence(plant, matrix, options, {
      without: out,
      onProgress: (stepDone, total) => onProgress({ stage: 'learn', done: at * total + stepDone, total: total * models }),
      signal,
    })
  }
  const ask = async (bytes: Uint8Array, { rows, out }: Fold, protocol: 'item' | 'family') => {
    const model = SequenceModel.open(bytes)
    const habits = findHabits(input.draft.knowledge, out)
    const times = rehearseTimes(plant, input.draft, out, isSmall)
    for (const row of rows) {
      const outcome = heldOutCase(input.draft, model, habits, times, { item: row, protocol, out, blanked: new Set() })
      cases.push(outcome.case)
      trials.push(...outcome.trials)
      if (protocol === 'item' && done % HARDENED_EVERY === 0) {
        const blanked = blankSome(plant, row, random)
        if (blanked.size > 0)
          cases.push(heldOutCase(input.draft, model, habits, times, { item: row, protocol: 'blanked', out, blanked }).case)
      }
      if (protocol === 'item' && done % HARDENED_EVERY === 1) {
        const unseen = unseenAttribute(plant, row, random)
        if (unseen !== null) {
          const question = { item: row, protocol: 'unseen', out, blanked: new Set<string>(), unseen } as const
          cases.push(heldOutCase(input.draft, model, habits, times, question).case)
        }
      }
      if (++done % 50 === 0) {
        onProgress({ stage: 'calibrate', done, total: heldOut.length })
        await Bun.sleep(0)
        goOn(signal)
      }
    }
    model.retire()
  }
  let sequence: Uint8Array | null = null
  for (const fold of itemFolds) {
    sequence = await learn(fold.out, config)
    await ask(sequence, fold, 'item')
  }
  const { trees, maxTransitions } = config.sequence
  const light: TrainerConfig = {
    ...config,
    sequence: {
      trees: Math.min(trees ?? FAMILY_TREES, FAMILY_TREES),
      maxTransitions: Math.min(maxTransitions ?? FAMILY_TRANSITIONS, FAMILY_TRANSITIONS),
    },
  }
  for (const fold of familyFolds) {
    const sequenceWithout = await learn(fold.out, routed.length < FAMILY_LIGHT_FROM ? config : light)
    await ask(sequenceWithout, fold, 'family')
  }
  return { cases, trials, sequence, isSmall }
}

/** Items held out together, and those of them that are asked. */
interface Fold {
  rows: number[]
  out: ReadonlySet<number>
}

const makeFold = (rows: number[]): Fold => ({ rows, out: new Set(rows) })

/** Routed items of whole families, in folds; none when the mapping names no family or there are too few of them. */
function foldFamilies(plant: Plant, routed: number[], folds: number, random: Random): Fold[] {
  const { family } = plant.items
  if (family === null) return []
  const members = new Map<number, number[]>()
  for (const row of routed) {
    const code = family.codes[row]
    if (code === 0) continue
    const rows = members.get(code)
    if (rows === undefined) members.set(code, [row])
    else rows.push(row)
  }
  const all = [...members.values()]
  if (all.length < 3 || all.length > FAMILIES_SHARE_MAX * routed.length) return []
  const parts: number[][] = Array.from({ length: folds }, () => [])
  for (const at of sampleRows(all.length, all.length, random)) {
    const least = parts.reduce((best, part) => (part.length < best.length ? part : best))
    if (least.length + all[at].length <= FAMILY_FOLD_SHARE * routed.length) least.push(...all[at])
  }
  const perFold = Math.ceil(FAMILY_ITEMS_MAX / folds)
  return parts
    .filter((part) => part.length > 0)
    .map((part) => ({ rows: Array.from(sampleRows(part.length, perFold, random), (at) => part[at]), out: new Set(part) }))
}

/** A random share of the known attributes. */
function blankSome(plant: Plant, row: number, random: Random): Set<string> {
  const known = plant.items.features.filter(({ column }) =>
    column.kind === 'text' ? column.codes[row] !== 0 : !Number.isNaN(column.values[row]),
  )
  const share = BLANKED_MIN + (BLANKED_MAX - BLANKED_MIN) * random()
  const count = Math.min(known.length - 1, Math.max(1, Math.round(share * known.length)))
  return new Set(Array.from(sampleRows(known.length, Math.max(0, count), random), (at) => known[at].name))
}

/** One of the known texts; null without any. */
function unseenAttribute(plant: Plant, row: number, random: Random): string | null {
  const texts = plant.items.features.filter(({ column }) => column.kind === 'text' && column.codes[row] !== 0)
  return texts.length === 0 ? null : texts[Math.floor(random() * texts.length)].name
}
