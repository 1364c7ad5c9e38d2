/** The tables that a serving process shows, read through its cache. */
import type { TimeSummaryRequest } from '../contract/time'
import type { JsonTable } from '../domain/json-table'
import type { Settings } from '../domain/settings'
import { getItem, itemForm, listItems } from './items'
import type { Model } from './model'
import type { TableCache } from './table-cache'
import { timeSummary } from './time-summary'

export interface TableOptions {
  current: () => Model
  /** Of this moment. */
  settings: () => Settings
  tablesMax: () => number
  cache: TableCache
}

/** `known`: the ETags that the asker has. Each throws `model_not_loaded`, and what the function of its name throws. */
export function createTables({ current, settings, tablesMax, cache }: TableOptions) {
  return {
    listItems: (query: { search: string; limit: number; offset: number }, known?: string | null): JsonTable => {
      const model = current()
      return cache.read({ model, key: ['items', query], known, tablesMax: tablesMax() }, () => listItems(model, query))
    },
    getItem: (item: string, known?: string | null): JsonTable => {
      const model = current()
      return cache.read({ model, key: ['item', item], known, tablesMax: tablesMax() }, () => getItem(model, item))
    },
    itemForm: (known?: string | null): JsonTable => {
      const model = current()
      const make = () => ({ ...itemForm(model), version: model.version })
      return cache.read({ model, key: ['form'], known, tablesMax: tablesMax() }, make)
    },
    timeSummary: (request: TimeSummaryRequest): JsonTable => {
      const model = current()
      const taken = settings()
      const { configRev } = taken
      return cache.read({ model, configRev, key: ['times', request], tablesMax: tablesMax() }, () =>
        timeSummary(model, request, { settings: taken }),
      )
    },
  }
}
