import { describe, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import { Mapping } from '../../server/contract/mapping'
import type { StandardRoutingRule } from '../../server/contract/standard-routing'
import { attributeParser, featureName } from '../../server/domain/attribute-parser'
import type { AttributeInput } from '../../server/domain/encoder/block'
import { mappingProblems } from '../../server/domain/mapping-check'
import type { Attributes, Cell } from '../../server/domain/sample/columns'
import { glandCode, standardGlands } from '../../server/domain/sample/gland'
import { sampleMapping } from '../../server/domain/sample/mapping'
import { sampleItem } from '../../server/domain/sample/plant'
import { glandFormOf, plan } from '../../server/domain/sample/rules'
import { askRule, compileRules, type RuleAnswer, type SilentRule } from '../../server/domain/standard-routing'

const parsers = sampleMapping.features.map((feature) => ({ feature, name: featureName(feature), parse: attributeParser(feature) }))
/** As extraction reads a row. */
function valuesOf(attributes: Attributes): Map<string, AttributeInput> {
  const cells = attributes as Record<string, Cell>
  return new Map(
    parsers.map(({ feature, name, parse }) => {
      const unit = feature.kind === 'number' && feature.unitColumn !== undefined ? cells[feature.unitColumn] : undefined
      return [name, parse(cells[feature.column], { unit, lenient: true }).value as AttributeInput]
    }),
  )
}
const sampleRules = compileRules(sampleMapping.standardRoutings!, sampleMapping.features)
function firstAnswer(values: Map<string, AttributeInput>): { answer: RuleAnswer | null; silent: SilentRule[] } {
  const silent: SilentRule[] = []
  for (const rule of sampleRules) {
    const said = askRule(rule, values)
    if (said !== null && 'code' in said) return { answer: said, silent }
    if (said !== null) silent.push(said)
  }
  return { answer: null, silent }
}

describe("the sample plant's rules", () => {
  const items = Array.from({ length: 60_000 }, (_, index) => sampleItem(5, index))
  const glands = items.filter(({ view }) => view.family.kind === 'gland').map((item) => ({ item, values: valuesOf(item.attributes) }))
  const parts = glands.filter(({ item }) => item.attributes.STANDARD_YN !== 'S' || !item.key.startsWith('RTG-'))

  test('are a valid part of the mapping and survive as JSON', () => {
    const mapping = JSON.parse(JSON.stringify(sampleMapping)) as Mapping
    expect([...Value.Errors(Mapping, mapping)]).toEqual([])
    expect(mappingProblems(mapping)).toEqual([])
    expect(mapping.standardRoutings!.length).toBeGreaterThan(0)
  })

  test('give every gland the code and the steps that its planner had in mind, by the diameter or else by the seal', () => {
    let byDiameter = 0
    let bySeal = 0
    for (const { item, values } of parts) {
      const { answer, silent } = firstAnswer(values)
      if (answer === null) {
        // neither size can be read: planners then take a usual shaft, which is no knowledge of the item
        expect([values.get('OUTDIAMETER'), values.get('IN_SEALSIZE')]).toEqual([null, null])
        expect(silent.map(({ rule, missing }) => `${rule.id} ${missing}`)).toEqual(['STD-001 OUTDIAMETER', 'STD-002 IN_SEALSIZE'])
        continue
      }
      // a size beside a unit that nobody can read is unknown to us; the planner took it as mm
      const unreadable =
        values.get('OUTDIAMETER') === null && Number(item.attributes.OUTDIAMETER) > 0 && item.attributes.OUTDIAMETER !== 9999
      if (unreadable) continue
      expect([item.key, answer.code]).toEqual([item.key, glandCode(glandFormOf(item.view))])
      expect(answer.steps).toEqual(plan(item.view))
      if (answer.rule.id === 'STD-001') byDiameter++
      else bySeal++
    }
    expect(byDiameter).toBeGreaterThan(2_000)
    expect(bySeal).toBeGreaterThan(150)
    expect((byDiameter + bySeal) / parts.length).toBeGreaterThan(0.95)
  })

  test('know each of the 300 listed codes, and each has its template with that very routing', () => {
    const templates = new Map(items.filter(({ key }) => key.startsWith('RTG-GLAND')).map((item) => [item.key, item]))
    expect(templates.size).toBe(300)
    for (const form of standardGlands()) {
      const template = templates.get(glandCode(form))!
      const { answer } = firstAnswer(valuesOf(template.attributes))
      expect(answer?.code).toBe(template.key)
      expect(answer!.steps!).toEqual(template.routings[0].steps.map(({ operation }) => operation.code))
    }
    const used = new Set(parts.map(({ values }) => firstAnswer(values).answer?.code).filter((code) => templates.has(code!)))
    expect(used.size).toBeGreaterThan(60)
  })

  test('are silent on all other parts', () => {
    const others = items.filter(({ view }) => view.family.kind !== 'gland').slice(0, 5_000)
    for (const { attributes } of others) expect(firstAnswer(valuesOf(attributes))).toEqual({ answer: null, silent: [] })
  })
})

const features: Mapping['features'] = [
  { kind: 'category', column: 'shape' },
  { kind: 'text', column: 'note' },
  { kind: 'number', column: 'length' },
]
const ask = (rule: Omit<StandardRoutingRule, 'id'>, values: Record<string, AttributeInput>) =>
  askRule(compileRules([{ id: 'R-1', ...rule }], features)[0], new Map(Object.entries(values)))
const codeOf = (said: ReturnType<typeof ask>) => (said !== null && 'code' in said ? said.code : said)

describe('conditions', () => {
  const rule = (...when: NonNullable<StandardRoutingRule['when']>): Omit<StandardRoutingRule, 'id'> => ({
    when,
    code: ['C'],
    template: true,
  })
  test.each<[string, NonNullable<StandardRoutingRule['when']>[number], Record<string, AttributeInput>, boolean]>([
    ['one of', { attribute: 'shape', in: ['flat', ' round '] }, { shape: 'round' }, true],
    ['not one of', { attribute: 'shape', in: ['flat'] }, { shape: 'round' }, false],
    ['one of the numbers', { attribute: 'length', in: [3, 4] }, { length: 4 }, true],
    ['a pattern anywhere', { attribute: 'note', matches: 'KEY' }, { note: 'a KEY 5*5' }, true],
    ['a pattern only in the beginning of a long text', { attribute: 'note', matches: 'z$' }, { note: `${'x'.repeat(600)}z` }, false],
    ['min and max include', { attribute: 'length', min: 3, max: 3 }, { length: 3 }, true],
    ['above excludes', { attribute: 'length', above: 3 }, { length: 3 }, false],
    ['below excludes', { attribute: 'length', below: 3 }, { length: 2.999 }, true],
    ['all checks of a condition hold', { attribute: 'length', above: 3, below: 5 }, { length: 6 }, false],
    ['known', { attribute: 'note', known: true }, { note: 'x' }, true],
    ['known fails on nothing', { attribute: 'note', known: true, matches: 'x' }, {}, false],
    ['unknown', { attribute: 'note', known: false }, { note: null }, true],
    ['unknown fails on a value', { attribute: 'note', known: false }, { note: 'x' }, false],
  ])('%s', (_, condition, values, holds) => {
    expect(codeOf(ask(rule(condition), values))).toBe(holds ? 'C' : null)
  })

  test('an unknown value decides nothing, unless another condition fails anyway', () => {
    const two = rule({ attribute: 'shape', in: ['flat'] }, { attribute: 'length', min: 1 })
    expect(ask(two, { shape: 'flat' })).toBeNull()
    expect(codeOf(ask(two, { shape: 'flat', length: 2 }))).toBe('C')
    const part: Omit<StandardRoutingRule, 'id'> = { code: [{ cases: [{ when: two.when!, text: 'A' }], otherwise: 'B' }], template: true }
    expect(codeOf(ask(part, { shape: 'round' }))).toBe('B')
    expect(ask(part, { shape: 'flat' })).toMatchObject({ missing: ['length'] })
  })
})

describe('codes and steps', () => {
  const sized: Omit<StandardRoutingRule, 'id'> = {
    when: [{ attribute: 'shape', in: ['flat'] }],
    code: [
      'STD-',
      {
        cases: [
          { when: [{ attribute: 'length', max: 10 }], text: 'S' },
          { when: [{ attribute: 'length', max: 20 }], text: 'M' },
        ],
      },
      { attribute: 'shape' },
    ],
    steps: [
      { operation: 'saw' },
      { operation: 'turn', code: '^STD-S' },
      { operation: 'mill', when: [{ attribute: 'note', known: true, matches: 'slot' }] },
    ],
  }
  test('are put together from texts, cases and values; the first case that holds wins', () => {
    expect(ask(sized, { shape: 'flat', length: 10 })).toMatchObject({ code: 'STD-Sflat', steps: ['saw', 'turn'] })
    expect(ask(sized, { shape: 'flat', length: 10.5, note: 'a slot' })).toMatchObject({ code: 'STD-Mflat', steps: ['saw', 'mill'] })
  })
  test('a rule whose needed attribute is unknown does not fire and names it', () => {
    expect(ask(sized, { shape: 'flat' })).toMatchObject({ rule: { id: 'R-1' }, missing: ['length'] })
    expect(
      ask({ ...sized, steps: [{ operation: 'saw', when: [{ attribute: 'note', matches: 'x' }] }] }, { shape: 'flat', length: 1 }),
    ).toMatchObject({
      missing: ['note'],
    })
  })
  test('a part that fits no case keeps the rule silent', () => {
    expect(ask(sized, { shape: 'flat', length: 21 })).toBeNull()
  })
  test('a later case does not win over one that might hold', () => {
    const unsure: Omit<StandardRoutingRule, 'id'> = {
      code: [
        {
          cases: [
            { when: [{ attribute: 'note', matches: 'x' }], text: 'A' },
            { when: [], text: 'B' },
          ],
        },
      ],
      template: true,
    }
    expect(ask(unsure, {})).toMatchObject({ missing: ['note'] })
    expect(codeOf(ask(unsure, { note: 'y' }))).toBe('B')
  })
})

describe('rules that cannot be used are refused with their place', () => {
  const good: StandardRoutingRule = { id: 'R-1', code: ['C'], template: true }
  const mapping = (...rules: unknown[]) =>
    ({
      name: 'plant',
      items: { table: 't', key: 'k' },
      features,
      routings: { form: 'list', table: 't', column: 'route' },
      standardRoutings: rules,
    }) as Mapping
  test.each<[string, StandardRoutingRule[]]>([
    ['/standardRoutings/1/id', [good, good]],
    ['/standardRoutings/0', [{ id: 'R-1', code: ['C'] }]],
    ['/standardRoutings/0/when/0/attribute', [{ ...good, when: [{ attribute: 'colour', known: true }] }]],
    ['/standardRoutings/0/when/0', [{ ...good, when: [{ attribute: 'shape' }] }]],
    ['/standardRoutings/0/when/0/matches', [{ ...good, when: [{ attribute: 'shape', matches: '(' }] }]],
    ['/standardRoutings/0/when/0/matches', [{ ...good, when: [{ attribute: 'length', matches: '1' }] }]],
    ['/standardRoutings/0/when/0/in', [{ ...good, when: [{ attribute: 'length', in: ['1'] }] }]],
    ['/standardRoutings/0/when/0', [{ ...good, when: [{ attribute: 'shape', min: 1 }] }]],
    ['/standardRoutings/0/when/0', [{ ...good, when: [{ attribute: 'length', min: 2, below: 2 }] }]],
    ['/standardRoutings/0/when/0/known', [{ ...good, when: [{ attribute: 'length', min: 2, known: false }] }]],
    ['/standardRoutings/0/code/1/attribute', [{ ...good, code: ['C', { attribute: 'colour' }] }]],
    [
      '/standardRoutings/0/code/0/cases/0/when/0/attribute',
      [{ ...good, code: [{ cases: [{ when: [{ attribute: 'x', known: true }], text: '' }] }] }],
    ],
    ['/standardRoutings/0/steps/0/code', [{ ...good, steps: [{ operation: 'saw', code: '[' }] }]],
    ['/standardRoutings/0/steps/0/when/0/attribute', [{ ...good, steps: [{ operation: 'saw', when: [{ attribute: 'x', known: true }] }] }]],
  ])('%s', (path, rules) => {
    expect([...Value.Errors(Mapping, mapping(...rules))]).toEqual([])
    expect(mappingProblems(mapping(...rules)).map((problem) => problem.path)).toContain(path)
  })
  test.each<[string, unknown[]]>([
    ['too many rules', Array.from({ length: 501 }, (_, at) => ({ ...good, id: `R-${at}` }))],
    ['a pattern without bound', [{ ...good, when: [{ attribute: 'shape', matches: 'x'.repeat(257) }] }]],
    ['an id that is a word of the language', [{ ...good, id: '__proto__' }]],
    ['a rule without a code', [{ ...good, code: [] }]],
    ['a field that nobody reads', [{ ...good, colour: 'red' }]],
  ])('%s does not fit the schema', (_, rules) => {
    expect(Value.Check(Mapping, mapping(...rules))).toBe(false)
    expect(Value.Check(Mapping, mapping(good))).toBe(true)
  })
})
