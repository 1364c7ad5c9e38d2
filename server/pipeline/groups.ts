/** The groups of past items that an item's neighbours belong to: which they are, and what is made in them. */
import type { GroupRequest, Groups, Group as ShownGroup } from '../contract/group'
import { limits } from '../contract/limits'
import { NO_VECTOR } from '../domain/encoder/distinct'
import { type EvidenceRouting, gatherRoutings, type Neighbour } from '../domain/evidence'
import { type Group, type GroupTally, groupsOf, tallyGroup } from '../domain/group'
import { groupItems } from '../domain/group-table'
import { signatureOperations, signatureText } from '../domain/knowledge'
import { defaultSettings, type Settings, settle } from '../domain/settings'
import { filterWarnings } from './item-filter'
import type { Model } from './model'
import { type Ahead, findNeighbourhood, type Neighbourhood } from './neighbourhood'
import { type Query, resolveQuery } from './query'
import { similaritiesOf, weightFactors } from './search'

export type TalliedGroup = Group & GroupTally

/** The heaviest `count` groups of the neighbours with what is made in them; without the items that are left out. */
export function tallyGroups(
  model: Model,
  { neighbours, left, own, allowed }: Neighbourhood,
  evidence: EvidenceRouting[],
  query: Query,
  count: number,
): TalliedGroup[] {
  // an item whose history counts is a member like any other
  const without = own ? new Set([...left].filter((row) => row !== query.row)) : left
  return groupsOf(model.knowledge, neighbours, evidence)
    .slice(0, count)
    .map((group) => ({ ...group, ...tallyGroup(model.knowledge, model.groups(), group, without, allowed?.has ?? null) }))
}

/** @throws unknown_item, unknown_attribute, invalid_value, bad_request */
export function recommendGroups(
  model: Model,
  asked: GroupRequest,
  { settings = defaultSettings, ahead }: { settings?: Settings; ahead?: Ahead } = {},
): Groups {
  const query = resolveQuery(model, asked)
  const request = settle(asked, settings)
  const neighbourhood = findNeighbourhood(model, query, request, ahead)
  const evidence = gatherRoutings(model.knowledge, neighbourhood.neighbours)
  const groups = tallyGroups(model, neighbourhood, evidence, query, request.limit ?? limits.groupsDefault)
  const factors = weightFactors(model, request.weights)
  const similarityOf = (rows: number[]) => similaritiesOfItems(model, query, rows, factors)
  return {
    item: query.key,
    groups: groups.map((group) => showGroup(model, group, neighbourhood, similarityOf)),
    warnings: [...query.warnings, ...filterWarnings(neighbourhood.allowed)],
    version: model.version,
    epoch: model.epoch,
    configRev: settings.configRev,
    ...neighbourhood.told,
  }
}

function showGroup(
  model: Model,
  group: TalliedGroup,
  { left, allowed }: Neighbourhood,
  similarityOf: (rows: number[]) => number[],
): ShownGroup {
  const { items, routings } = model.knowledge
  const { kind, code, weight, members, neighbours } = group
  const typical = group.routings[0]
  return {
    kind,
    key: kind === 'family' ? items.family!.value(code) : textOf(model, code),
    members,
    neighbours: neighbours.length,
    share: round(weight),
    nearest: round(neighbours[0].similarity),
    typical:
      typical === undefined
        ? null
        : {
            signature: textOf(model, typical.signature),
            share: round(typical.share),
            source: { item: items.key(routings.item[typical.routing]), routing: routings.label(typical.routing) },
          },
    examples: examplesOf(model, group, (row) => !left.has(row) && allowed?.has(row) !== false, similarityOf),
  }
}

function examplesOf(
  model: Model,
  { kind, code, neighbours }: TalliedGroup,
  counts: (row: number) => boolean,
  similarityOf: (rows: number[]) => number[],
): ShownGroup['examples'] {
  const { items } = model.knowledge
  const shown = neighbours.slice(0, limits.groupExamplesMax)
  const known = new Set(shown.map(({ item }: Neighbour) => item))
  const others: number[] = []
  for (const row of groupItems(model.groups(), model.knowledge, kind, code)) {
    if (shown.length + others.length >= limits.groupExamplesMax) break
    if (!known.has(row) && counts(row)) others.push(row)
  }
  const similarities = similarityOf(others)
  return [
    ...shown.map(({ item, similarity }) => ({ row: item, similarity })),
    ...others.map((row, at) => ({ row, similarity: similarities[at] })).sort((a, b) => b.similarity - a.similarity),
  ].map(({ row, similarity }) => ({
    item: items.key(row),
    title: items.title === null ? null : items.title.value(items.title.codes[row]) || null,
    similarity: round(similarity),
  }))
}

/** Similarity of each item to the query; 0 for items without any attribute, which are not in the index. */
export function similaritiesOfItems(model: Model, query: Query, rows: number[], factors: ReturnType<typeof weightFactors>): number[] {
  const indexed = rows.filter((row) => model.knowledge.items.vector[row] !== NO_VECTOR)
  const similarities = similaritiesOf(
    model,
    query,
    Uint32Array.from(indexed, (row) => model.knowledge.items.vector[row]),
    factors,
  )
  const byRow = new Map(indexed.map((row, at) => [row, similarities[at]]))
  return rows.map((row) => byRow.get(row) ?? 0)
}

const textOf = (model: Model, signature: number): string => signatureText(model.knowledge, signatureOperations(model.knowledge, signature))
const round = (value: number): number => Math.round(value * 10_000) / 10_000
