import { describe, expect, test } from 'vitest'
import { RuntimeConfig } from '../../../server/contract/runtime-config'
import { TimeStrategy } from '../../../server/contract/time-strategy'
import {
  changesAnswers,
  changesOf,
  fields,
  leavesOf,
  partsOf,
  patchOf,
  pointer,
  requestOptions,
  timeFields,
  trimEdits,
  WEIGHT_MAX,
  withEdits,
} from '../../../ui/composables/config-draft'
import { defaults } from '../fixtures/config'

const weighted = { ...defaults, search: { ...defaults.search, weights: { 'OD/ID': 2, SEAL: 1.5 } } }

describe('edits of a configuration', () => {
  test('know every value by its place, and names with a slash too', () => {
    expect(leavesOf(weighted).get('/search/weights/OD~1ID')).toBe(2)
    expect(partsOf(pointer('search', 'weights', 'a/b~c'))).toEqual(['search', 'weights', 'a/b~c'])
  })
  test('that change nothing are none', () => {
    expect(
      trimEdits(
        defaults,
        new Map<string, unknown>([
          ['/search/efSearch', 96],
          ['/search/weights/SEAL', null],
        ]),
      ),
    ).toEqual(new Map())
  })
  test('are listed with before and after', () => {
    const edits = new Map<string, unknown>([
      ['/search/efSearch', 256],
      ['/search/weights/SEAL', null],
    ])
    expect(changesOf(weighted, edits)).toEqual([
      { path: '/search/efSearch', before: 96, after: 256 },
      { path: '/search/weights/SEAL', before: 1.5, after: null },
    ])
  })
  test('become a merge patch that names only them', () => {
    const edits = new Map<string, unknown>([
      ['/search/efSearch', 256],
      ['/search/weights/OD~1ID', null],
      ['/log/slowMs', 50],
    ])
    expect(patchOf(edits)).toEqual({ search: { efSearch: 256, weights: { 'OD/ID': null } }, log: { slowMs: 50 } })
  })
  test('make a whole configuration without touching the one they began with', () => {
    const made = withEdits(
      weighted,
      new Map<string, unknown>([
        ['/search/weights/SEAL', null],
        ['/search/topK', 20],
      ]),
    )
    expect(made.search).toEqual({ ...defaults.search, topK: 20, weights: { 'OD/ID': 2 } })
    expect(weighted.search.weights.SEAL).toBe(1.5)
  })
  test('are tried as the options of a request', () => {
    const made = withEdits(
      defaults,
      new Map<string, unknown>([
        ['/search/efSearch', 32],
        ['/times/strategy/zCut', 3],
      ]),
    )
    expect(requestOptions(made)).toMatchObject({ efSearch: 32, candidates: 5, timeStrategy: { zCut: 3 } })
    // both would be refused
    const promised = withEdits(made, new Map([['/search/recall', 0.95]]))
    expect([requestOptions(promised).recall, 'efSearch' in requestOptions(promised)]).toEqual([0.95, false])
    const back = requestOptions(withEdits(promised, new Map([['/search/recall', null]])))
    expect([back.efSearch, 'recall' in back]).toEqual([32, false])
    expect(['/search/efSearch', '/times/strategy/zCut', '/search/similarityMin', '/cache/tablesMax'].map(changesAnswers)).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})

test('the screen’s bounds are the contract’s', () => {
  type Schema = { properties: Record<string, Schema>; minimum: number; maximum: number }
  const bound = (schema: unknown, path: string) => partsOf(path).reduce((place, part) => place.properties[part], schema as Schema)
  for (const { path, min, max } of Object.values(fields).flat()) {
    const { minimum, maximum } = bound(RuntimeConfig, path)
    expect([path, min, max]).toEqual([path, minimum, maximum])
  }
  for (const [name, { min, max }] of Object.entries(timeFields)) {
    const { minimum, maximum } = (TimeStrategy as unknown as Schema).properties[name]
    expect([name, min, max]).toEqual([name, minimum, maximum])
  }
  const weights = RuntimeConfig.properties.search.properties.weights.patternProperties
  expect(Object.values(weights).map(({ maximum }) => maximum)).toEqual([WEIGHT_MAX])
})

test('every value of the configuration has a field, and every field a value', () => {
  const shown = [...Object.values(fields).flat(), ...Object.values(timeFields)].map(({ path }) => path)
  const chosen = ['/search/recall', '/times/strategy/outliers', '/times/strategy/profile']
  expect([...leavesOf(defaults).keys()].sort()).toEqual([...shown, ...chosen].sort())
})
