/** Past items as the version knows them, and the form that asks for a new one. */
import type { Form, Item, ItemList } from '../contract/item'
import { DomainError } from '../domain/error'
import { frequentTexts } from '../domain/form'
import { signatureOperations, signatureText } from '../domain/knowledge'
import { asWritten } from '../domain/written-units'
import { lowerBound } from './knowledge-files'
import type { Model } from './model'

/** @throws unknown_item */
export function getItem(model: Model, key: string): Item {
  const { items, routings, steps, operations, resources } = model.knowledge
  const row = items.find(key.trim())
  if (row < 0) throw new DomainError('unknown_item', 'the active version does not know this item')
  const minutes = (column: Float32Array, step: number) => (Number.isNaN(column[step]) ? null : Number(column[step].toPrecision(6)))
  const from = items.routingOffsets[row]
  return {
    ...summary(model, row),
    attributes: asWritten(items.features, Object.fromEntries(items.features.map(({ name, value }) => [name, value(row)]))),
    routings: Array.from({ length: items.routingOffsets[row + 1] - from }, (_, index) => {
      const routing = from + index
      const first = routings.stepOffsets[routing]
      return {
        routing: routings.label(routing),
        count: routings.orders[routing],
        signature: signatureText(model.knowledge, signatureOperations(model.knowledge, routings.signature[routing])),
        steps: Array.from({ length: routings.stepOffsets[routing + 1] - first }, (_, at) => ({
          sequence: steps.sequence[first + at],
          operation: operations.code[steps.operation[first + at]],
          operationName: operations.name[steps.operation[first + at]] || null,
          resource: resources.code[steps.resource[first + at]] || null,
          inside: steps.inside[first + at] === 255 ? null : steps.inside[first + at] === 1,
          setupMinutes: minutes(steps.setup, first + at),
          runMinutes: minutes(steps.run, first + at),
          queueMinutes: minutes(steps.queue, first + at),
          waitMinutes: minutes(steps.wait, first + at),
          moveMinutes: minutes(steps.move, first + at),
        })),
      }
    }),
    version: model.version,
  }
}

/** Items whose key starts with the search text, by key; all items when it is empty. */
export function listItems(model: Model, { search, limit, offset }: { search: string; limit: number; offset: number }): ItemList {
  const { key, keyOrder } = model.knowledge.items
  const prefix = search.trim()
  const start = lowerBound(key, keyOrder, prefix) + offset
  const rows: number[] = []
  for (let at = start; at < keyOrder.length && rows.length < limit; at++) {
    if (!key(keyOrder[at]).startsWith(prefix)) break
    rows.push(keyOrder[at])
  }
  return {
    items: rows.map((row) => ({
      ...summary(model, row),
      routings: model.knowledge.items.routingOffsets[row + 1] - model.knowledge.items.routingOffsets[row],
    })),
    version: model.version,
  }
}

/** As training wrote it, with the families of the items beside it. */
export function itemForm({ form, knowledge }: Model): Form {
  const { family } = knowledge.items
  return family === null ? form : { ...form, families: frequentTexts(family) }
}

function summary(model: Model, row: number): { item: string; title: string | null; family: string | null } {
  const { items } = model.knowledge
  return {
    item: items.key(row),
    title: items.title === null ? null : items.title.value(items.title.codes[row]) || null,
    family: items.family === null ? null : items.family.value(items.family.codes[row]) || null,
  }
}
