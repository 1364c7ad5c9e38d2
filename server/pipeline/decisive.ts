/** Which neighbours decide what comes first: the ranking is done again without them, over the evidence at hand. */
import type { Grounds } from '../contract/predict'
import { findDecisive, heaviestItems } from '../domain/decisive'
import { gatherRoutings } from '../domain/evidence'
import { MISSING_CODE } from '../domain/knowledge'
import type { Ranked } from '../domain/ranking'
import { draftSteps } from '../domain/step-draft'
import { indexSteps } from '../domain/step-evidence'
import type { Model } from './model'
import { leaveOut, type Neighbourhood } from './neighbourhood'
import type { Query } from './query'
import { type RankedRoutings, rankRoutings, type Voices } from './rank'

export type Decisive = Pick<Grounds, 'decisive' | 'decisiveFor'>

/**
 * Keys of up to three neighbours (the item itself where its history counts): asking again without them gives a first candidate with
 * other operations or, where those stand, on other resources. Only those that have the first candidate's operations are looked at;
 * where none has them (the learned model's own routing), those that weigh most, since its resources are theirs.
 */
export function decisiveOf(model: Model, query: Query, neighbourhood: Neighbourhood, voices: Voices, ranked: Ranked[]): Decisive {
  const first = ranked[0]
  if (first === undefined) return { decisive: [] }
  const evidence = gatherRoutings(model.knowledge, neighbourhood.neighbours)
  const supporters = heaviestItems(first.evidence.length > 0 ? first.evidence : evidence)
  const seen = new Map<number, RankedRoutings>()
  const without = (count: number): RankedRoutings => {
    const known = seen.get(count)
    if (known !== undefined) return known
    const less = leaveOut(model, query, neighbourhood, new Set(supporters.slice(0, count)))
    const routings = rankRoutings(model, less, voices)
    seen.set(count, routings)
    return routings
  }
  const keysOf = (rows: number[]) => rows.map(model.knowledge.items.key)
  const forOperations = findDecisive(supporters, (count) => !isEqual(without(count).ranked[0]?.operations ?? [], first.operations))
  if (forOperations.length > 0) return { decisive: keysOf(forOperations), decisiveFor: 'operations' }
  if (supporters.length === 0 || model.knowledge.resources.code.length <= 1) return { decisive: [] }
  const resources = resourcesOf(model, { ranked, evidence })
  const forResources = findDecisive(supporters, (count) => !isEqual(resourcesOf(model, without(count)), resources))
  return forResources.length > 0 ? { decisive: keysOf(forResources), decisiveFor: 'resources' } : { decisive: [] }
}

/** Resources of the first candidate's steps: those of the nearest routing with its operations, else what the neighbours use most. */
function resourcesOf({ knowledge, usualResources }: Model, { ranked, evidence }: RankedRoutings): ArrayLike<number> {
  const { operations, evidence: exact }: Ranked = ranked[0]
  const source = exact[0]?.routing ?? -1
  const from = source < 0 ? 0 : knowledge.routings.stepOffsets[source]
  const own = source < 0 ? new Uint32Array(0) : knowledge.steps.resource.subarray(from, from + operations.length)
  if (own.length > 0 && !own.includes(MISSING_CODE)) return own
  return draftSteps(knowledge, indexSteps(knowledge, evidence, usualResources), operations, source).map(({ resource }) => resource)
}

function isEqual(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}
