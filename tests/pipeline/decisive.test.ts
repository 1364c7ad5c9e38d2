import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Prediction, PredictRequest } from '../../server/contract/predict'
import { findDecisive } from '../../server/domain/decisive'
import type { Model } from '../../server/pipeline/model'
import { predict, similar } from '../../server/pipeline/predict'
import { openTrainedSample, routedItems } from './trained-sample'

let model: Model
let close: () => void
beforeAll(async () => {
  ;({ model, close } = await openTrainedSample())
}, 120_000)
afterAll(() => close())

const routingOf = ({ candidates: [first] }: Prediction) => first?.steps.map(({ operation, resource }) => `${operation} ${resource}`)
const strip = ({ id: _id, timingsMs: _timings, ...rest }: Prediction) => rest

describe('who decides', () => {
  test('the fewest are named, and nobody where the answer stands without all', () => {
    expect(findDecisive([7, 8, 9], (count) => count >= 2)).toEqual([7, 8])
    expect(findDecisive([7, 8, 9], () => true)).toEqual([7])
    expect(findDecisive([7, 8, 9], (count) => count === 3)).toEqual([7, 8, 9])
    expect(findDecisive([7, 8, 9], () => false)).toEqual([])
    expect(findDecisive([], () => true)).toEqual([])
  })

  test('asked again without those whom it names, the first candidate is another; their number is small and they are neighbours', () => {
    let named = 0
    let changed = 0
    for (const item of routedItems(model, 80)) {
      const request: PredictRequest = { item, ignoreOwnHistory: true, topK: 20 }
      const answer = predict(model, request)
      const { decisive, decisiveFor } = answer.grounds
      expect(decisiveFor === undefined).toBe(decisive.length === 0)
      if (decisive.length === 0) continue
      expect(decisive.length).toBeLessThanOrEqual(3)
      expect(new Set(decisive).size).toBe(decisive.length)
      const near = similar(model, { ...request, topK: 50 }).neighbours.map((neighbour) => neighbour.item)
      expect(decisive.every((key) => near.includes(key))).toBe(true)
      for (const key of decisive) expect(answer.reason).toContain(key)
      named++
      const other = predict(model, { ...request, without: decisive })
      const differs =
        decisiveFor === 'operations'
          ? other.candidates[0]?.signature !== answer.candidates[0].signature
          : routingOf(other)?.join() !== routingOf(answer)?.join()
      if (differs) changed++
    }
    expect(named).toBeGreaterThan(20)
    expect(changed / named).toBeGreaterThanOrEqual(0.95)
  }, 60_000)

  test('an own routing that nobody else has is decided by the item itself', () => {
    const own = routedItems(model, 40)
      .map((item) => predict(model, { item }))
      .filter(({ grounds }) => grounds.decisive.length > 0)
    expect(own.length).toBeGreaterThan(0)
    for (const { item, grounds } of own) expect(grounds.decisive[0]).toBe(item!)
  }, 60_000)
})

describe('items left out', () => {
  test('are no neighbours, no sources of steps or candidates; as many others take their places', () => {
    for (const item of routedItems(model, 20)) {
      const plain = predict(model, { item, ignoreOwnHistory: true })
      const without = plain.neighbours.slice(0, 5).map((neighbour) => neighbour.item)
      const answer = predict(model, { item, ignoreOwnHistory: true, without })
      expect(answer.neighbours.length).toBe(plain.neighbours.length)
      const mentioned = [
        ...answer.neighbours.map((neighbour) => neighbour.item),
        ...answer.candidates.flatMap(({ source, steps }) => [source?.item, ...steps.flatMap(({ sources }) => sources)]),
        ...answer.grounds.decisive,
      ]
      expect(without.filter((key) => mentioned.includes(key))).toEqual([])
    }
  })

  test('give no samples of times: an estimate by neighbours becomes another or falls back', () => {
    let moved = 0
    for (const item of routedItems(model, 20)) {
      const request: PredictRequest = { item, ignoreOwnHistory: true, topK: 5 }
      const plain = predict(model, request)
      const without = plain.neighbours.map((neighbour) => neighbour.item)
      const answer = predict(model, { ...request, without })
      const times = (prediction: Prediction) => JSON.stringify(prediction.candidates[0]?.steps.map(({ runMinutes }) => runMinutes))
      if (times(plain) !== times(answer)) moved++
    }
    expect(moved).toBeGreaterThan(15)
  })

  test('the own key is as good as ignoring the own history', () => {
    const [item] = routedItems(model, 1)
    const ignored = predict(model, { item, ignoreOwnHistory: true })
    expect(predict(model, { item, without: [item] }).candidates).toEqual(ignored.candidates)
    expect(predict(model, { item }).candidates[0].kind).toBe('own')
  })

  test('unknown keys change nothing, and a key with blanks around it is the key', () => {
    const [item] = routedItems(model, 1)
    const plain = predict(model, { item, ignoreOwnHistory: true })
    expect(strip(predict(model, { item, ignoreOwnHistory: true, without: ['no such item', 'nor this'] }))).toEqual(strip(plain))
    const key = plain.neighbours[0].item
    const bare = predict(model, { item, ignoreOwnHistory: true, without: [key] })
    expect(strip(predict(model, { item, ignoreOwnHistory: true, without: [` ${key} `] }))).toEqual(strip(bare))
  })

  test('fifty of them still leave a full neighbourhood', () => {
    const [item] = routedItems(model, 1)
    const { neighbours } = similar(model, { item, topK: 50 })
    const without = neighbours.map((neighbour) => neighbour.item).filter((key) => key !== item)
    const answer = predict(model, { item, ignoreOwnHistory: true, without: without.slice(0, 50), topK: 50 })
    expect(answer.neighbours).toHaveLength(50)
    expect(answer.neighbours.some((neighbour) => without.includes(neighbour.item))).toBe(false)
    expect(answer.candidates.length).toBeGreaterThan(0)
  })
})
