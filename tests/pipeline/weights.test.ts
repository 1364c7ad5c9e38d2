/** Moved weights: what is found against all vectors, at the ends of the sliders, and what happens when nothing is left. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { limits } from '../../server/contract/limits'
import type { Attributes } from '../../server/contract/predict'
import { seededRandom } from '../../server/domain/random'
import { getItem } from '../../server/pipeline/items'
import type { Model } from '../../server/pipeline/model'
import { predict, similar } from '../../server/pipeline/predict'
import { type Query, resolveQuery } from '../../server/pipeline/query'
import { searchVectors, similaritiesOf, weightFactors } from '../../server/pipeline/search'
import { openTrainedSample, routedItems } from './trained-sample'

let model: Model
let close: () => void
let questions: Attributes[]
beforeAll(async () => {
  ;({ model, close } = await openTrainedSample({ items: 3_000 }))
  const random = seededRandom(7)
  questions = routedItems(model, 40).map((key, at) => {
    const attributes = attributesOf(key)
    const names = Object.keys(attributes)
    if (at % 2 === 1) for (let blank = 0; blank < 2; blank++) attributes[names[Math.floor(random() * names.length)]] = null
    return attributes
  })
}, 120_000)
afterAll(() => close())

const attributesOf = (key: string): Attributes => ({ ...getItem(model, key).attributes })

const byWeight = () => [...model.encoder.model.blocks].sort((a, b) => b.weight - a.weight).map(({ name }) => name)
const allBut = (kept: string[], factor: number) =>
  Object.fromEntries(byWeight().flatMap((name) => (kept.includes(name) ? [] : [[name, factor]])))

/** Share of the k nearest of all vectors that is found; one as near as the k-th is as good. */
function recallOf(query: Query, weights: Record<string, number> | undefined, k: number): number {
  const factors = weightFactors(model, weights)
  const exact = similaritiesOf(
    model,
    query,
    Uint32Array.from({ length: model.index.count }, (_, key) => key),
    factors,
  )
  const sorted = Float64Array.from(exact).sort().reverse()
  const near = Math.min(k, sorted.filter((similarity) => similarity > 0).length)
  if (near === 0) return 1
  const { vectors } = searchVectors(model, query, { k, ef: 96, factors })
  return [...vectors.subarray(0, near)].filter((vector) => exact[vector] >= sorted[near - 1] - 1e-6).length / near
}

describe('at the ends of the sliders', () => {
  const extremes = (): [string, Record<string, number>][] => {
    const names = byWeight()
    const heavy = names.slice(0, 4)
    const light = names.slice(-2)
    return [
      ...[...heavy, ...light].flatMap((name): [string, Record<string, number>][] => [
        [`${name} at 0`, { [name]: 0 }],
        [`${name} at 4`, { [name]: 4 }],
        [`all but ${name} at 0`, allBut([name], 0)],
      ]),
      ['the two heaviest at 0', { [heavy[0]]: 0, [heavy[1]]: 0 }],
      ['heaviest at 0, lightest at 4', { [heavy[0]]: 0, [light[1]]: 4 }],
      ['the eight heaviest at 0', Object.fromEntries(names.slice(0, 8).map((name) => [name, 0]))],
      ['the eight lightest at 4', Object.fromEntries(names.slice(-8).map((name) => [name, 4]))],
    ]
  }
  for (const scanned of [true, false]) {
    test(`the nearest are found, ${scanned ? 'reading all of a small plant' : 'walking the graph'}`, () => {
      const { index } = model
      // a plant of millions is never read as a whole
      const searchNow: Model['index']['searchNow'] = (...asked) => index.searchNow(...asked)
      const blockDots: Model['index']['blockDots'] = (...asked) => index.blockDots(...asked)
      const walking = { ...model, index: { count: 1e9, dimensions: index.dimensions, searchNow, blockDots } as Model['index'] }
      const asked = questions.map((attributes) => resolveQuery(model, { attributes })).filter(({ vector }) => vector !== null)
      for (const [name, weights] of extremes()) {
        const factors = weightFactors(model, weights)
        let right = 0
        for (const query of asked) {
          if (scanned) right += recallOf(query, weights, 10)
          else {
            const from = (of: typeof model) => searchVectors(of, query, { k: 10, ef: 96, factors }).similarities
            const [found, truth] = [from(walking), from(model)]
            const near = truth.length
            right += near === 0 ? 1 : [...found].filter((similarity) => similarity >= truth[near - 1] - 1e-6).length / near
          }
        }
        expect([name, right / asked.length >= 0.97 ? 'found' : right / asked.length]).toEqual([name, 'found'])
      }
    })
  }

  test('factors near 0 are as 0, and equal factors change nothing but the breadth', () => {
    const [heaviest] = byWeight()
    const items = (weights: Record<string, number>) =>
      similar(model, { attributes: questions[0], weights, topK: 20 }).neighbours.map(({ item, similarity }) => `${item} ${similarity}`)
    expect(items({ [heaviest]: 1e-40 })).toEqual(items({ [heaviest]: 0 }))
    const plain = similar(model, { attributes: questions[0], topK: 20, efSearch: 1024 }).neighbours.map(({ similarity }) => similarity)
    const doubled = similar(model, { attributes: questions[0], topK: 20, weights: allBut([], 2) }).neighbours
    expect(doubled.map(({ similarity }) => similarity)).toEqual(plain)
  })

  test('the item itself stays the nearest under any weights that leave something of it', () => {
    const [key] = routedItems(model, 1)
    const attributes = attributesOf(key)
    for (const [, weights] of extremes()) {
      const { neighbours } = similar(model, { attributes, weights })
      if (neighbours.length > 0) expect(neighbours[0].similarity).toBeCloseTo(1, 3)
    }
  })
})

describe('when the weights leave nothing of the question', () => {
  const nothing = () => allBut([], 0)
  test('no neighbour is named, and the answer abstains and says so', () => {
    const { neighbours } = similar(model, { attributes: questions[0], weights: nothing() })
    expect(neighbours).toEqual([])
    const answer = predict(model, { attributes: questions[0], weights: nothing() })
    expect([answer.abstained, answer.grounds.code, answer.neighbours]).toEqual([true, 'nothing_near', []])
    expect(answer.reason).toContain('No similar item')
    expect(answer.candidates.length).toBeGreaterThan(0)
  })

  test('so too when the only attribute that counts is not known of the item', () => {
    const [heaviest] = byWeight()
    const attributes = { ...questions[0], [heaviest]: null }
    const answer = predict(model, { attributes, weights: allBut([heaviest], 0) })
    expect([answer.abstained, answer.grounds.code, answer.neighbours]).toEqual([true, 'nothing_near', []])
  })

  test('an item that was made keeps its own routing', () => {
    const [item] = routedItems(model, 1)
    const answer = predict(model, { item, weights: nothing() })
    expect([answer.grounds.code, answer.candidates[0].kind]).toEqual(['own_history', 'own'])
  })
})

describe('similarity that is defined', () => {
  test('items with equal attributes share a vector and stand side by side, in the order of their rows', () => {
    const { vectors, items } = model.knowledge
    const vector = Array.from({ length: vectors.count }, (_, at) => at).find((at) => vectors.offsets[at + 1] - vectors.offsets[at] >= 3)!
    const twins = [...vectors.items.subarray(vectors.offsets[vector], vectors.offsets[vector + 1])].map((row) => items.key(row))
    const { neighbours } = similar(model, { attributes: attributesOf(twins[0]), topK: limits.topKMax })
    const same = neighbours.filter(({ item }) => twins.includes(item))
    expect(same.map(({ item }) => item)).toEqual(twins.slice(0, same.length))
    expect(same.length).toBe(Math.min(12, twins.length))
    for (const { similarity } of same) expect(similarity).toBeCloseTo(1, 3)
  })

  test('what is missing is like nothing: one attribute in common is a small part of an item of which much is known', () => {
    const [key] = routedItems(model, 1)
    const whole = attributesOf(key)
    const query = resolveQuery(model, { attributes: whole })
    const known = [...query.values].filter(([name, value]) => value !== null && model.encoder.blockOf.has(name)).map(([name]) => name)
    expect(known.length).toBeGreaterThan(8)
    const total = known.reduce((sum, name) => sum + weightOf(name), 0)
    for (const name of known.slice(0, 5)) {
      const alone = resolveQuery(model, { attributes: { [name]: whole[name] } })
      const vector = Uint32Array.of(model.knowledge.items.vector[model.knowledge.items.find(key)])
      const [similarity] = similaritiesOf(model, alone, vector, null)
      expect(similarity).toBeCloseTo(Math.sqrt(weightOf(name) / total), 2)
    }
  })

  test('an unseen category counts in the norm: it lowers the similarity as much as the attribute weighs', () => {
    const [key] = routedItems(model, 1)
    const whole = attributesOf(key)
    const query = resolveQuery(model, { attributes: whole })
    // a unit that nobody knows would take its number away as well
    const units = new Set(model.mapping.features.map((feature) => (feature.kind === 'number' ? feature.unitColumn : undefined)))
    const categories = model.encoder.model.blocks.filter(
      ({ name, kind }) => kind === 'category' && !units.has(name) && query.values.get(name) != null,
    )
    const unseen = Object.fromEntries(categories.map(({ name }) => [name, 'UNOBTAINIUM']))
    const total = model.encoder.model.blocks.reduce((sum, { name, weight }) => sum + (query.values.get(name) == null ? 0 : weight), 0)
    const lost = categories.reduce((sum, { weight }) => sum + weight, 0)
    const vector = Uint32Array.of(model.knowledge.items.vector[model.knowledge.items.find(key)])
    const [similarity] = similaritiesOf(model, resolveQuery(model, { attributes: { ...whole, ...unseen } }), vector, null)
    expect(lost).toBeGreaterThan(0)
    expect(similarity).toBeCloseTo(1 - lost / total, 2)
  })
})

const weightOf = (name: string) => model.encoder.model.blocks[model.encoder.blockOf.get(name)!].weight
