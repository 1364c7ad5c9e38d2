import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { limits } from '../../server/contract/limits'
import { DomainError } from '../../server/domain/error'
import { compareSteps, effectOf, stepsInWords } from '../../server/domain/step-change'
import { counterfactual } from '../../server/pipeline/counterfactual'
import { getItem } from '../../server/pipeline/items'
import type { Model } from '../../server/pipeline/model'
import { otherValues } from '../../server/pipeline/other-values'
import { predict } from '../../server/pipeline/predict'
import { openTrainedSample, routedItems } from './trained-sample'

let model: Model
let close: () => void
beforeAll(async () => {
  ;({ model, close } = await openTrainedSample())
}, 120_000)
afterAll(() => close())

const step = (sequence: number, operation: string, resource: string | null = null, operationName: string | null = null) => ({
  sequence,
  operation,
  operationName,
  resource,
})

describe('what became of the steps', () => {
  const before = [step(10, 'SAW', 'S1'), step(20, 'TURN', 'L1'), step(30, 'HEAT', 'H1', 'heat treatment'), step(40, 'GRIND', 'G1')]

  test('in words: gone, added, moved, elsewhere, by the numbers that the reader has before him', () => {
    const words = (after: typeof before) => stepsInWords(compareSteps(before, after))
    expect(words([step(10, 'SAW', 'S1'), step(20, 'TURN', 'L1'), step(30, 'GRIND', 'G1')])).toBe('step 30 (heat treatment) disappears')
    expect(words([...before.slice(0, 2), step(30, 'MILL', 'M1'), ...before.slice(2)])).toBe('MILL is added behind step 20')
    expect(words([before[0], before[2], before[1], before[3]])).toMatch(
      /^step (20 \(TURN\) moves behind step 30|30 .* moves behind step 10)$/,
    )
    expect(words([before[0], step(20, 'TURN', 'L9'), before[2], before[3]])).toBe('step 20 (TURN) runs on L9 instead of L1')
    expect(words(before)).toBe('nothing changes')
  })

  test('its effect is the strongest of any step', () => {
    expect(effectOf(compareSteps(before, before))).toBe('none')
    expect(effectOf(compareSteps(before, [step(10, 'SAW', 'S2'), ...before.slice(1)]))).toBe('resources')
    expect(effectOf(compareSteps(before, before.slice(1)))).toBe('operations')
  })
})

describe('what if', () => {
  test('answers what a prediction with these attributes answers, with both routings in the steps', async () => {
    let changed = 0
    for (const item of routedItems(model, 15)) {
      const field = model.form.fields.find(({ kind, values }) => kind === 'category' && values.length > 3)!
      const change = { [field.name]: field.values[2].value }
      const { counterfactuals, base, predictions, complete } = await counterfactual(model, { item, change })
      expect([counterfactuals.length, predictions, complete]).toEqual([1, 2, true])
      const [told] = counterfactuals
      const plain = predict(model, { item, ignoreOwnHistory: true })
      const other = predict(model, { item, attributes: { ...getItem(model, item).attributes, ...change }, ignoreOwnHistory: true })
      expect(base).toEqual({ signature: plain.candidates[0].signature, confidence: plain.confidence, abstained: plain.abstained })
      expect(told.signature).toBe(other.candidates[0].signature)
      expect(told.confidence).toBeCloseTo(other.confidence, 6)
      const side = (name: 'before' | 'after') =>
        told.steps
          .filter((entry) => entry[name] !== null)
          .sort((a, b) => a[name]!.sequence - b[name]!.sequence)
          .map(({ operation }) => operation)
          .join('+')
      expect([side('before'), side('after')]).toEqual([base.signature!, told.signature!])
      expect(told.effect === 'operations').toBe(base.signature !== told.signature)
      if (told.effect !== 'none') changed++
      if (told.changes.length > 0) expect(told.text).toStartWith(`With ${field.name} = ${field.values[2].value}: `)
    }
    expect(changed).toBeGreaterThan(0)
  }, 60_000)

  test('numbers are in the unit that stands beside them, and told in the unit of the mapping', async () => {
    const inches = routedItems(model, 400).find((item) => {
      const { attributes } = getItem(model, item)
      return /inch/i.test(String(attributes.OUTDIAMETER_UNIT)) && typeof attributes.OUTDIAMETER === 'number'
    })
    const known = getItem(model, inches ?? '')
    const same = await counterfactual(model, {
      item: known.item,
      change: { OUTDIAMETER: known.attributes.OUTDIAMETER, OUTDIAMETER_UNIT: 'INCH' },
    })
    expect(same.counterfactuals[0].changes.filter(({ attribute }) => attribute === 'OUTDIAMETER')).toEqual([])
    const { counterfactuals } = await counterfactual(model, { item: known.item, change: { OUTDIAMETER: 10, OUTDIAMETER_UNIT: 'INCH' } })
    expect(counterfactuals[0].changes.find(({ attribute }) => attribute === 'OUTDIAMETER')!.to).toBe(254)
  })

  test('nothing changed is nothing', async () => {
    const [item] = routedItems(model, 1)
    const { counterfactuals } = await counterfactual(model, { item, change: {} })
    expect(counterfactuals[0]).toMatchObject({ changes: [], effect: 'none', distance: 0, text: 'Nothing is changed.' })
  })

  test('refuses what a prediction refuses', async () => {
    const code = (request: Parameters<typeof counterfactual>[1]) =>
      counterfactual(model, request).then(
        () => null,
        (error) => (error instanceof DomainError ? error.code : String(error)),
      )
    const [item] = routedItems(model, 1)
    expect(await code({ item, change: { COLOUR: 'red' } })).toBe('unknown_attribute')
    expect(await code({ item, change: { OUTDIAMETER: 'canary-7' } })).toBe('invalid_value')
    expect(await code({ item: 'no such item' })).toBe('unknown_item')
    expect(await code({})).toBe('bad_request')
  })
})

describe('what changes the answer', () => {
  test('each change that is told does what it says when it is asked for by itself', async () => {
    let told = 0
    for (const item of routedItems(model, 4)) {
      const found = await counterfactual(model, { item, limit: 50 }, { deadlineMs: 60_000 })
      expect(found.complete).toBe(true)
      expect(found.predictions).toBeLessThanOrEqual(limits.counterfactualPredictionsMax)
      expect(found.attributes.reduce((sum, { tried }) => sum + tried, 0)).toBe(found.predictions - 1)
      const order = found.counterfactuals.map(({ effect, distance }) => (effect === 'operations' ? 0 : 2) + distance)
      expect(order).toEqual(order.toSorted((a, b) => a - b))
      for (const one of found.counterfactuals) {
        expect(one.effect).not.toBe('none')
        expect(one.changes).toHaveLength(1)
        const [{ attribute, to }] = one.changes
        const line = found.attributes.find((entry) => entry.attribute === attribute)!
        expect(line.changing).toBeGreaterThan(0)
        if (typeof to === 'number') continue
        const again = await counterfactual(model, { item, change: { [attribute]: to } })
        expect(again.counterfactuals[0]).toEqual(one)
        told++
      }
      for (const { changing, effect } of found.attributes) expect(changing === 0).toBe(effect === 'none')
    }
    expect(told).toBeGreaterThan(3)
  }, 120_000)

  test('what was found when time ran out is answered, and says that it is not all', async () => {
    const [item] = routedItems(model, 1)
    let clock = 0
    const found = await counterfactual(model, { item }, { now: () => clock++, deadlineMs: 40 })
    expect(found.complete).toBe(false)
    expect(found.predictions).toBeGreaterThan(1)
    expect(found.predictions).toBeLessThan(40)
    expect(found.attributes.every(({ tried }) => tried === 1)).toBe(true)
  })

  test('others have their turn meanwhile', async () => {
    const [item] = routedItems(model, 1)
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await counterfactual(model, { item })
    clearInterval(timer)
    expect(turns).toBeGreaterThan(3)
  })
})

describe('values that are tried', () => {
  test('are other than the one that is there, known to the plant, as many as asked, unknown among them', () => {
    const { features } = model.knowledge.items
    for (const feature of features) {
      for (const row of [0, 5, 50]) {
        const from = feature.value(row)
        const values = otherValues(model, feature, from, [1, 2, 3, 4], 6)
        expect(values.length).toBeLessThanOrEqual(6)
        expect(new Set(values).size).toBe(values.length)
        expect(values).not.toContain(from)
        if (from !== null) expect(values).toContain(null)
        const known = new Set(Array.from({ length: model.knowledge.items.count }, (_, other) => feature.value(other)))
        expect(values.filter((value) => value !== null && !known.has(value))).toEqual([])
      }
    }
  })
})
