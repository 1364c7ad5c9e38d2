import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MANIFEST_SCHEMA } from '../../server/contract/manifest'
import type { Mapping } from '../../server/contract/mapping'
import { seededRandom } from '../../server/domain/random'
import { findStandardRouting, noStandardRules, recordOf, ruleConfidence } from '../../server/domain/standard-proposal'
import { extract } from '../../server/pipeline/extract'
import { loadMapping, parseMapping } from '../../server/pipeline/mapping-file'
import { type Model, openModel, retireModel } from '../../server/pipeline/model'
import { predict } from '../../server/pipeline/predict'
import { writeSample } from '../../server/pipeline/sample'
import { buildVersion } from '../../server/pipeline/train/build-version'
import { readTrainerConfig } from '../../server/pipeline/trainer-config'
import { openSource } from '../../server/source/open'
import type { Source } from '../../server/source/source'
import { memorySource } from './memory-source'

const folder = mkdtempSync(join(tmpdir(), 'routewright-standard-'))
const startedAt = '2026-01-01T00:00:00.000Z'

async function trained(name: string, source: Source, mapping: Mapping, foldsBelow: number): Promise<Model> {
  const { plant } = await extract(source, mapping).finally(() => source.close())
  const directory = join(folder, name)
  mkdirSync(directory)
  const config = { ...readTrainerConfig(), heldOut: { itemsMax: 60, foldsBelow } }
  const { body } = await buildVersion({ plant, mapping, mappingSha256: '0'.repeat(64), config, directory, startedAt })
  return openModel(directory, { schema: MANIFEST_SCHEMA, version: '2026.01.01_1', createdAt: startedAt, files: {}, ...body }, { epoch: 1 })
}
/** The same model where nothing counts as near. */
const nothingNear = (model: Model): Model => ({ ...model, learned: { ...model.learned, similarityMin: 1.01 } })

const open: Model[] = []
afterAll(() => {
  for (const model of open) retireModel(model)
  rmSync(folder, { recursive: true, force: true })
})

describe('the sample plant', () => {
  let model: Model
  beforeAll(async () => {
    await writeSample({ out: join(folder, 'sample'), items: 1_500, seed: 3 })
    const mapping = await loadMapping(join(folder, 'sample', 'mapping.json'))
    model = await trained('sample-version', await openSource(join(folder, 'sample')), mapping, 0)
    open.push(model)
  }, 180_000)

  const gland = { PART_TYPE: '11#900', OUTDIAMETER: 160 }
  const plain = 'A00-1+A01-2+A02-1+B01-1+F10-1+Q20-2+F11-1'

  test('a gland far from everything known gets its standard routing first, from the template, and still abstains', () => {
    const far = nothingNear(model)
    const answer = predict(far, { attributes: gland })
    expect(answer.abstained).toBe(true)
    const [first, ...others] = answer.candidates
    expect(first).toMatchObject({ id: 'rule/RTG-GLAND1-1', kind: 'rule', signature: plain })
    expect(first.standardRouting).toEqual({
      rule: 'STD-001',
      code: 'RTG-GLAND1-1',
      title: { en: 'Gland plate by outside diameter', ko: '글랜드: 외경 기준' },
    })
    expect(answer.grounds).toMatchObject({ code: 'nothing_near', standardRouting: 'RTG-GLAND1-1' })
    expect(answer.reason).toStartWith('Nothing near is known')
    expect(answer.reason).toContain("the plant's standard routing RTG-GLAND1-1 is proposed by rule STD-001")
    expect(answer.reason).toContain('takes GROUP1, ADDITIONAL_SPEC and ITEM_MATERIAL for blank')
    expect(others.length).toBe(4)
    expect(others.every(({ kind, signature }) => kind !== 'rule' && signature !== plain)).toBe(true)
    expect(answer.candidates.reduce((sum, { probability }) => sum + probability, 0)).toBeLessThanOrEqual(1.001)
    // resources are the template's own
    const row = model.knowledge.items.find('RTG-GLAND1-1')
    const from = model.knowledge.routings.stepOffsets[model.knowledge.items.routingOffsets[row]]
    first.steps.forEach((step, index) => {
      expect(step.resource).toBe(model.knowledge.resources.code[model.knowledge.steps.resource[from + index]])
      expect(step.sources).toEqual(['RTG-GLAND1-1'])
      expect(step.runMinutes).not.toBeNull()
    })
  })

  test('a code without a template gets the steps of the rule on the usual machines', () => {
    const answer = predict(nothingNear(model), { attributes: { ...gland, OUTDIAMETER: 900, ITEM_MATERIAL: 'M000HB' } })
    expect(model.knowledge.items.find('RTG-GLAND3-1H')).toBe(-1)
    expect(answer.candidates[0]).toMatchObject({ id: 'rule/RTG-GLAND3-1H', kind: 'rule' })
    expect(answer.candidates[0].signature).toBe('A00-1+A05-1+H01-2+A05-2+B01-1+F10-1+Q20-2+F11-1')
    for (const step of answer.candidates[0].steps) {
      expect(step.resource).not.toBeNull()
      expect(step.sources).toEqual([])
    }
    expect(answer.candidates[0].totalRunMinutes).toBeGreaterThan(0)
  })

  test('a template that is left out is no template', () => {
    const { candidates } = predict(nothingNear(model), { attributes: gland, without: ['RTG-GLAND1-1'] })
    expect(candidates[0]).toMatchObject({ kind: 'rule', signature: plain })
    expect(candidates[0].steps.every(({ sources }) => !sources.includes('RTG-GLAND1-1'))).toBe(true)
  })

  test('a needed attribute that is unknown keeps the rule silent, and is asked for by name', () => {
    const answer = predict(nothingNear(model), { attributes: { PART_TYPE: '11#900' } })
    expect(answer.abstained).toBe(true)
    expect(answer.candidates.every(({ kind, standardRouting }) => kind !== 'rule' && standardRouting === null)).toBe(true)
    expect(answer.grounds.standardRouting).toBeNull()
    expect(answer.reason).toEndWith('Rule STD-001 would propose a standard routing if OUTDIAMETER were known.')
  })

  test('other parts are answered as without rules', () => {
    const { candidates, grounds } = predict(nothingNear(model), { attributes: { PART_TYPE: '15', OUTDIAMETER: 90 } })
    expect(grounds.standardRouting).toBeNull()
    expect(candidates.every(({ kind, standardRouting }) => kind !== 'rule' && standardRouting === null)).toBe(true)
  })

  test('where the answer is clearly less sure than the rule was, the rule comes first and says so', () => {
    const unsure = { ...model, learned: { ...model.learned, certainty: undefined, confidence: { x: [0, 1], y: [0.3, 0.3] } } }
    const { count, key, features } = model.knowledge.items
    const kind = features.find(({ name }) => name === 'PART_TYPE')!
    const glands = Array.from({ length: count }, (_, row) => row).filter(
      (row) => kind.value(row) === '11#1' && !key(row).startsWith('RTG-'),
    )
    let first = 0
    for (const item of glands.slice(0, 40).map(key)) {
      const { abstained, candidates, confidence, grounds, reason } = predict(unsure, { item, ignoreOwnHistory: true })
      if (abstained || grounds.standardRouting === null) continue
      first++
      expect(candidates[0].standardRouting?.code).toBe(grounds.standardRouting)
      expect(confidence).toBeGreaterThan(0.5)
      expect(reason).toContain('The similar items say little of this one')
    }
    expect(first).toBeGreaterThan(0)
  })

  test('where the answer does not abstain, candidates with the standard operations are marked and keep their kind', () => {
    const { items } = model.knowledge
    let marked = 0
    for (let row = 0; row < items.count; row++) {
      const key = items.key(row)
      const values = new Map(items.features.map(({ name, value }) => [name, value(row)]))
      const { proposal } = findStandardRouting(model.knowledge, model.standardRules, values)
      if (proposal === null || key.startsWith('RTG-')) continue
      const wanted = Array.from(proposal.operations, (operation) => model.knowledge.operations.code[operation]).join('+')
      const { abstained, candidates, grounds } = predict(model, { item: key })
      // made before, an item is not answered by rule
      if (items.routingOffsets[row] < items.routingOffsets[row + 1]) expect(grounds.standardRouting).toBeNull()
      for (const { signature, standardRouting, kind } of candidates) {
        expect(standardRouting?.code ?? null).toBe(signature === wanted ? proposal.code : null)
        if (signature === wanted && !abstained && kind !== 'rule') marked++
      }
      expect(candidates.filter(({ kind }) => kind === 'rule').length).toBeLessThanOrEqual(1)
    }
    expect(marked).toBeGreaterThan(30)
  }, 30_000)

  test('templates are the pseudo-items that the rules lead to themselves', () => {
    const keys = [...model.standardRules.templates].map(model.knowledge.items.key)
    expect(keys.length).toBe(25)
    expect(keys.every((key) => key.startsWith('RTG-GLAND'))).toBe(true)
  })

  test('the confidence is what the rule was worth on the routed items, less the more it must assume', () => {
    const record = recordOf(model.learned.standardRoutings, 'STD-001')
    const { items } = model.knowledge
    const diameter = items.features.find(({ name }) => name === 'OUTDIAMETER')!
    const type = items.features.find(({ name }) => name === 'PART_TYPE')!
    const glands = Array.from({ length: items.count }, (_, row) => row).filter(
      (row) =>
        items.routingOffsets[row + 1] > items.routingOffsets[row] &&
        String(type.value(row)).startsWith('11#') &&
        diameter.value(row) !== null &&
        !items.key(row).startsWith('RTG-'),
    )
    expect(glands.length).toBeGreaterThan(40)
    expect(record.asked).toBe(glands.length)
    expect(record.right / record.asked).toBeGreaterThan(0.85)
    const [sure] = record.assuming
    const unsure = record.assuming[3]
    expect(sure.right / sure.asked).toBeGreaterThan(0.85)
    expect(unsure.right / unsure.asked).toBeLessThan(0.7)
    const answer = predict(nothingNear(model), { attributes: gland })
    expect(answer.confidence).toBeCloseTo((unsure.right + 1) / (unsure.asked + 2), 3)
    const rule = model.standardRules.rules[0]
    expect(ruleConfidence(model.learned.standardRoutings, { rule, assumed: [] })).toBeCloseTo((sure.right + 1) / (sure.asked + 2), 10)
    expect(ruleConfidence(undefined, { rule, assumed: [] })).toBe(0.5)
  })
})

describe('a plant with rules of its own', () => {
  const random = seededRandom(9)
  const rows = Array.from({ length: 90 }, (_, at) => {
    const shape = ['round', 'flat', 'tube'][at % 3]
    const length = 20 + Math.floor(random() * 180)
    const long = length > 100
    const route = shape === 'round' ? (long ? 'saw+turn+grind' : 'saw+turn') : shape === 'flat' ? 'cut+mill' : 'saw+bend+weld'
    return { no: `P${at}`, shape, length, note: at % 2 === 0 ? 'x' : null, route }
  })
  for (const length of [50, 100, 150]) rows.push({ no: `STD-RING${length}`, shape: 'ring', length, note: 'template', route: 'saw+bore' })
  const mapping = parseMapping({
    name: 'workshop',
    items: { table: 'parts', key: 'no' },
    features: [
      { kind: 'category', column: 'shape' },
      { kind: 'number', column: 'length', unit: 'mm' },
      { kind: 'text', column: 'note' },
    ],
    routings: { form: 'list', table: 'parts', column: 'route', separator: '+' },
    standardRoutings: [
      {
        id: 'W-ROUND',
        when: [{ attribute: 'shape', matches: '^(round|bar)$' }],
        code: ['STD-', { cases: [{ when: [{ attribute: 'length', above: 100 }], text: 'LONG' }], otherwise: 'SHORT' }],
        steps: [{ operation: 'saw' }, { operation: 'turn' }, { operation: 'grind', code: 'LONG$' }],
      },
      { id: 'W-RING', when: [{ attribute: 'shape', in: ['ring'] }], code: ['STD-RING', { attribute: 'length' }], template: true },
      { id: 'W-LASER', when: [{ attribute: 'shape', in: ['flat'] }], code: ['STD-LASER'], steps: [{ operation: 'laser' }] },
      {
        id: 'W-WRONG',
        when: [{ attribute: 'shape', in: ['flat'] }],
        code: ['STD-BENT'],
        steps: [{ operation: 'bend' }, { operation: 'mill' }],
      },
    ],
  })
  let model: Model
  beforeAll(async () => {
    model = await trained('workshop', memorySource({ parts: rows }), mapping, 1_000)
    open.push(model)
  }, 120_000)

  test('rules of steps are right, wrong, or name operations that the plant does not have', () => {
    const { learned } = model
    expect(learned.standardRoutings!['W-ROUND']).toMatchObject({ asked: 30, right: 30 })
    expect(learned.standardRoutings!['W-LASER']).toMatchObject({ asked: 0, unknownOperations: ['laser'] })
    expect(learned.standardRoutings!['W-WRONG']).toMatchObject({ asked: 30, right: 0 })
  })

  test('a shape that was never made is answered by rule, with no template among the sources', () => {
    const answer = predict(nothingNear(model), { attributes: { shape: 'bar', length: 150 } })
    expect(answer.candidates[0]).toMatchObject({ id: 'rule/STD-LONG', kind: 'rule', signature: 'saw+turn+grind' })
    expect(answer.abstained).toBe(true)
    expect(answer.confidence).toBeCloseTo(31 / 32, 3)
    expect(answer.reason).toContain('The rule was right in 30 of 30 cases; check the draft.')
  })

  test('near to a template only is near to nothing that was made; the template is asked for neither its own rule nor twice', () => {
    expect([...model.standardRules.templates].map(model.knowledge.items.key)).toEqual(['STD-RING100', 'STD-RING150', 'STD-RING50'])
    expect(model.learned.standardRoutings!['W-RING']).toBeUndefined()
    const strict = { ...model, learned: { ...model.learned, similarityMin: 0.9 } }
    const attributes = { shape: 'ring', length: 50, note: 'template' }
    expect(predict({ ...strict, standardRules: noStandardRules }, { attributes })).toMatchObject({
      abstained: false,
      grounds: { nearest: 1 },
    })
    const answer = predict(strict, { attributes })
    expect(answer).toMatchObject({ abstained: true, confidence: 0.5, grounds: { code: 'nothing_near', standardRouting: 'STD-RING50' } })
    expect(answer.grounds.nearest).toBeLessThan(0.9)
    expect(answer.candidates[0]).toMatchObject({ id: 'rule/STD-RING50', kind: 'rule', signature: 'saw+bore' })
    expect(answer.candidates[0].steps.map(({ sources }) => sources)).toEqual([['STD-RING50'], ['STD-RING50']])
    expect(answer.candidates.filter(({ signature }) => signature === 'saw+bore')).toHaveLength(1)
    // its own history is its own routing; left out, nothing is known
    expect(predict(strict, { item: 'STD-RING50' })).toMatchObject({ abstained: false, grounds: { code: 'own_history' } })
    expect(predict(strict, { item: 'STD-RING50', ignoreOwnHistory: true }).grounds.standardRouting).toBeNull()
  })

  test('a rule that was always wrong does not come first even where nothing is near', () => {
    const answer = predict(nothingNear(model), { attributes: { shape: 'flat', length: 60 } })
    expect(answer.abstained).toBe(true)
    expect(answer.grounds.standardRouting).toBeNull()
    expect(answer.candidates[0].kind).not.toBe('rule')
  })

  test('elsewhere a routing that only the rule proposes follows as the last, and no rule moves the confidence', () => {
    const answer = predict(model, { attributes: { shape: 'flat', length: 60 }, candidates: 10 })
    expect(answer.abstained).toBe(false)
    expect(answer.candidates[0].signature).toBe('cut+mill')
    expect(answer.candidates.at(-1)).toMatchObject({ id: 'rule/STD-BENT', kind: 'rule', signature: 'bend+mill', source: null })
    expect(answer.confidence).toBeGreaterThan(0.5)
    const { standardRoutings: _, ...mappingWithout } = model.mapping
    const without = { ...model, mapping: mappingWithout, standardRules: noStandardRules }
    expect(predict(without, { attributes: { shape: 'flat', length: 60 }, candidates: 10 }).confidence).toBe(answer.confidence)
    const two = predict(model, { attributes: { shape: 'flat', length: 60 }, candidates: 1 })
    expect(two.candidates.map(({ signature }) => signature)).toEqual(['cut+mill'])
  })
})
