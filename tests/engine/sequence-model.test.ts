import { describe, expect, test } from 'bun:test'
import { DomainError } from '../../server/domain/error'
import { SequenceModel, type SequenceTraining, trainSequenceModel } from '../../server/engine/sequence-model'

/** A training set from rows of features and the routings of each. */
function trainingOf(rows: { features: number[]; routings: number[][] }[], kinds: number[], operationCount = 9): SequenceTraining {
  const routings = rows.flatMap((row, item) => row.routings.map((steps) => ({ item, steps, weight: 1 / row.routings.length })))
  const stepOffsets = new Uint32Array(routings.length + 1)
  routings.forEach(({ steps }, at) => {
    stepOffsets[at + 1] = stepOffsets[at] + steps.length
  })
  return {
    features: Uint16Array.from(rows.flatMap((row) => row.features)),
    featureCount: kinds.length,
    featureKinds: Uint8Array.from(kinds),
    routingItem: Uint32Array.from(routings, ({ item }) => item),
    routingWeight: Float32Array.from(routings, ({ weight }) => weight),
    stepOffsets,
    operations: Uint32Array.from(routings.flatMap(({ steps }) => steps)),
    operationCount,
    options: { seed: 7, threads: 2 },
  }
}

/**
 * Material 1 to 4 (4 is hardened: operation 5 after turning), size bin 1 to 200 (above 120 milled twice), class 2 may be sawn
 * or cut by laser: two legitimate routings.
 */
function routingsOf([material, size, kind]: number[]): number[][] {
  const rest = [2, ...(material === 4 ? [5] : []), ...(size > 120 ? [3, 3] : [3]), 4]
  return kind === 2 ? [[1, ...rest], [6, ...rest]] : [[1, ...rest]] // biome-ignore format: two alternatives
}
const plant = Array.from({ length: 600 }, (_, item) => {
  const features = [1 + (item % 4), 1 + ((item * 37) % 200), 1 + (item % 3)]
  return { features, routings: routingsOf(features) }
})
const kinds = [1, 0, 1]
const bytes = await trainSequenceModel(trainingOf(plant, kinds))

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work()
    return 'none'
  } catch (error) {
    if (error instanceof DomainError) return error.code
    throw error
  }
}

describe('sequence model', () => {
  test('unseen combinations get the routing that the rules ask for, and its alternatives', () => {
    const model = SequenceModel.open(bytes)
    let exact = 0
    let complete = 0
    const asked = Array.from({ length: 200 }, (_, at) => [1 + ((at * 7) % 4), 1 + ((at * 53 + 11) % 200), 1 + ((at * 5) % 3)])
    for (const features of asked) {
      const accepted = routingsOf(features).map((steps) => steps.join())
      const { operations, probabilities } = model.predict(Uint16Array.from(features), { candidates: 5, beam: 8 })
      const found = operations.map((steps) => Array.from(steps).join())
      if (accepted.includes(found[0])) exact++
      if (accepted.every((steps) => found.slice(0, accepted.length).includes(steps))) complete++
      expect(new Set(found).size).toBe(found.length)
      expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeLessThanOrEqual(1 + 1e-6)
      expect([...probabilities]).toEqual([...probabilities].sort((a, b) => b - a))
    }
    expect(exact).toBeGreaterThanOrEqual(198)
    expect(complete).toBeGreaterThanOrEqual(194)
    model.retire()
  })

  test('the probability of a proposed routing is what asking for it gives', () => {
    const model = SequenceModel.open(bytes)
    const features = Uint16Array.of(4, 150, 2)
    const { operations, probabilities } = model.predict(features)
    operations.forEach((steps, at) => {
      expect(Math.exp(model.logProbability(features, steps))).toBeCloseTo(probabilities[at], 6)
    })
    expect(model.logProbability(features, Uint32Array.of(9, 9))).toBe(Number.NEGATIVE_INFINITY)
    model.retire()
  })

  test('what is not known makes the answer less sure, not wrong', () => {
    const model = SequenceModel.open(bytes)
    const known = model.predict(Uint16Array.of(4, 10, 1))
    const blank = model.predict(Uint16Array.of(0, 10, 1))
    expect(known.probabilities[0]).toBeGreaterThan(0.9)
    expect(blank.probabilities[0]).toBeLessThan(0.9)
    const unhardened = blank.operations.findIndex((steps) => Array.from(steps).join() === '1,2,3,4')
    const hardened = blank.operations.findIndex((steps) => Array.from(steps).join() === '1,2,5,3,4')
    // three materials in four are not hardened
    expect(blank.probabilities[unhardened]).toBeCloseTo(0.75, 1)
    expect(blank.probabilities[hardened]).toBeCloseTo(0.25, 1)
    const unseen = model.predict(Uint16Array.of(77, 10, 1))
    expect(unseen.operations.map((steps) => Array.from(steps).join()).slice(0, 2)).toEqual(['1,2,3,4', '1,2,5,3,4'])
    expect(unseen.probabilities[0]).toBeCloseTo(0.75, 1)
    model.retire()
  })

  test('the number of threads changes nothing, the seed does', async () => {
    const one = await trainSequenceModel({ ...trainingOf(plant, kinds), options: { seed: 7, threads: 1 } })
    const other = await trainSequenceModel({ ...trainingOf(plant, kinds), options: { seed: 8, threads: 2 } })
    expect(Buffer.compare(one, bytes)).toBe(0)
    expect(Buffer.compare(other, bytes)).not.toBe(0)
  })

  test('every damaged byte is noticed and no length of file is read past its end', () => {
    for (let at = 0; at < bytes.length; at += Math.max(1, Math.floor(bytes.length / 400))) {
      const damaged = bytes.slice()
      damaged[at] ^= 1 << (at % 8)
      expect(() => SequenceModel.open(damaged)).toThrow(DomainError)
    }
    for (const length of [0, 1, 11, 47, 48, 100, bytes.length - 1]) {
      expect(() => SequenceModel.open(bytes.slice(0, length))).toThrow(DomainError)
    }
    expect(codeOf(() => SequenceModel.open(bytes.slice(0, 48)))).resolves.toBe('artifact_corrupt')
  })

  test('one step, one item, an empty routing and a routing of five hundred steps are plants too', async () => {
    const single = SequenceModel.open(await trainSequenceModel(trainingOf([{ features: [1], routings: [[3]] }], [1])))
    expect(Array.from(single.predict(Uint16Array.of(1)).operations[0])).toEqual([3])
    const empty = SequenceModel.open(await trainSequenceModel(trainingOf([{ features: [1], routings: [[]] }], [1])))
    expect(Array.from(empty.predict(Uint16Array.of(0)).operations[0])).toEqual([])
    const long = [1, 2].map((route) => ({
      features: [route],
      routings: [Array.from({ length: 500 }, (_, step) => 1 + ((step * step + route * (step >> 3)) % 9))],
    }))
    const model = SequenceModel.open(await trainSequenceModel({ ...trainingOf(long, [1]), options: { trees: 32, threads: 2 } }))
    for (const { features, routings } of long) {
      expect(Array.from(model.predict(Uint16Array.from(features)).operations[0])).toEqual(routings[0])
    }
  }, 20_000)

  test('what cannot be learned from is refused with a reason', async () => {
    const good = trainingOf(plant.slice(0, 20), kinds)
    expect(await codeOf(() => trainSequenceModel({ ...good, featureCount: 4 }))).toBe('bad_request')
    expect(await codeOf(() => trainSequenceModel({ ...good, features: good.features.slice(1) }))).toBe('bad_request')
    expect(await codeOf(() => trainSequenceModel({ ...good, stepOffsets: good.stepOffsets.map((o) => o + 1) }))).toBe('bad_request')
    expect(await codeOf(() => trainSequenceModel({ ...good, operationCount: 2 }))).toBe('invalid_value')
    expect(await codeOf(() => trainSequenceModel({ ...good, routingItem: good.routingItem.map(() => 99) }))).toBe('invalid_value')
    expect(await codeOf(() => trainSequenceModel({ ...good, routingWeight: good.routingWeight.map(() => Number.NaN) }))).toBe(
      'invalid_value',
    )
    expect(await codeOf(() => trainSequenceModel({ ...good, options: { trees: 0 } }))).toBe('bad_request')
    expect(await codeOf(() => trainSequenceModel({ ...good, signal: AbortSignal.abort() }))).toBe('cancelled')
  })

  test('a training under way is cancelled soon', async () => {
    const large = trainingOf(
      Array.from({ length: 40_000 }, (_, item) => plant[item % plant.length]),
      kinds,
    )
    const control = new AbortController()
    setTimeout(() => control.abort(), 50)
    expect(await codeOf(() => trainSequenceModel({ ...large, options: { trees: 512, threads: 1 }, signal: control.signal }))).toBe(
      'cancelled',
    )
  })

  test('a retired model and questions of the wrong shape are refused', async () => {
    const model = SequenceModel.open(bytes)
    expect(await codeOf(() => model.predict(new Uint16Array(2)))).toBe('bad_request')
    expect(await codeOf(() => model.predict(new Uint16Array(3), { candidates: 0 }))).toBe('bad_request')
    expect(await codeOf(() => model.predict(new Uint16Array(3), { beam: 1.5 }))).toBe('bad_request')
    model.retire()
    model.retire()
    expect(await codeOf(() => model.predict(new Uint16Array(3)))).toBe('model_not_loaded')
  })
})
