/** The grounds of a confidence: what stands behind the first candidate, as data and as one English sentence. */
import type { Grounds } from '../contract/predict'
import type { Ranked } from '../domain/ranking'
import type { Decisive } from './decisive'
import type { Model } from './model'
import type { Neighbourhood } from './neighbourhood'
import type { Query } from './query'

/** @param decisive the neighbours without whom the first candidate would be another */
export function groundsOf(
  model: Model,
  query: Query,
  ranked: Ranked[],
  { neighbours, own, found, similarityMin }: Neighbourhood,
  decisive: Decisive,
): Grounds {
  const nearest = neighbours[0]?.similarity ?? 0
  const same = new Set(ranked[0]?.evidence.map(({ neighbour }) => neighbour.item) ?? []).size
  const counts = { neighbours: neighbours.length, same, nearest: round(nearest), ...decisive, standardRouting: null }
  if (own) return { code: 'own_history', ...counts }
  if (query.vector === null) return { code: 'no_attributes', ...counts }
  if (neighbours.length === 0 && found.similarities.some((similarity) => similarity < similarityMin)) {
    return { code: 'nothing_near', ...counts, similarityMin }
  }
  if (neighbours.length === 0 || nearest < model.learned.similarityMin) return { code: 'nothing_near', ...counts }
  if (same === 0) return { code: 'model_only', ...counts }
  return { code: same * 2 >= neighbours.length ? 'agreement' : 'mixed', ...counts }
}

export function groundsInWords(grounds: Grounds): string {
  const { code, neighbours, same, nearest } = grounds
  const near = `the nearest is ${Math.round(nearest * 100)} % similar`
  switch (code) {
    case 'own_history':
      return 'The item has been routed before; its own routing comes first.'
    case 'agreement':
      return `${same} of ${neighbours} similar items have exactly these operations; ${near}.${restsOn(grounds)}`
    case 'mixed':
      return `${same} of ${neighbours} similar items have exactly these operations, the others differ; ${near}.${restsOn(grounds)}`
    case 'model_only':
      return `None of ${neighbours} similar items has exactly these operations; they follow from the attributes by the learned model; ${near}.${restsOn(grounds)}`
    case 'nothing_near':
      return `${nothingNearInWords(grounds)}: check the draft from the start.`
    case 'no_attributes':
      return 'No attribute of the item is known: the draft is what the plant makes most often.'
  }
}

/** The beginning of a sentence. */
export function nothingNearInWords({ neighbours, nearest, similarityMin }: Grounds): string {
  if (similarityMin !== undefined) return `No item is as similar as the configuration asks for (${Math.round(similarityMin * 1000) / 10} %)`
  return neighbours === 0 ? 'No similar item is known' : `Nothing near is known (the nearest is ${Math.round(nearest * 100)} % similar)`
}

function restsOn({ decisive, decisiveFor }: Grounds): string {
  if (decisive.length === 0) return ''
  const names = decisive.length === 1 ? decisive[0] : `${decisive.slice(0, -1).join(', ')} and ${decisive.at(-1)}`
  const what = decisiveFor === 'resources' ? 'The choice of resources' : 'The answer'
  return ` ${what} rests on ${names}: without ${decisive.length === 1 ? 'it' : 'them'} it would be another.`
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000
