import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { limits } from '../../server/contract/limits'
import { tallyGroup } from '../../server/domain/group'
import { buildGroupTable, groupItems } from '../../server/domain/group-table'
import { signatureOperations, signatureText } from '../../server/domain/knowledge'
import { recommendGroups } from '../../server/pipeline/groups'
import { getItem } from '../../server/pipeline/items'
import type { Model } from '../../server/pipeline/model'
import { predict } from '../../server/pipeline/predict'
import { openTrainedSample, routedItems } from './trained-sample'

let model: Model
let close: () => void
beforeAll(async () => {
  ;({ model, close } = await openTrainedSample())
}, 120_000)
afterAll(() => close())

describe('group table', () => {
  test('each item is in its family and with each of its signatures, and nowhere else', () => {
    const { knowledge } = model
    const { items, routings } = knowledge
    const table = buildGroupTable(knowledge)
    for (let code = 1; code < items.family!.size; code++) {
      const expected = Array.from({ length: items.count }, (_, row) => row).filter((row) => items.family!.codes[row] === code)
      expect([...groupItems(table, knowledge, 'family', code)]).toEqual(expected)
    }
    expect(groupItems(table, knowledge, 'family', 0)).toHaveLength(0)
    for (const signature of [0, 1, knowledge.signatures.count - 1]) {
      const expected = new Set<number>()
      routings.signature.forEach((other, routing) => {
        if (other === signature) expected.add(routings.item[routing])
      })
      expect([...groupItems(table, knowledge, 'signature', signature)]).toEqual([...expected])
    }
  })
})

describe('what is made in a group', () => {
  test('is the same when it was counted before, also without some of its items', () => {
    const { knowledge } = model
    const kept = buildGroupTable(knowledge)
    const groups = [
      ...Array.from({ length: knowledge.items.family!.size - 1 }, (_, at) => ({ kind: 'family' as const, code: at + 1 })),
      ...Array.from({ length: knowledge.signatures.count }, (_, code) => ({ kind: 'signature' as const, code })),
    ]
    for (const group of groups) {
      const rows = groupItems(kept, knowledge, group.kind, group.code)
      const nobody = new Set<number>()
      const one = new Set([rows[0]])
      const other = new Set([knowledge.items.count + 1])
      for (const left of [nobody, one, other, new Set(rows), nobody]) {
        const counted = tallyGroup(knowledge, kept, group, left)
        expect(counted).toEqual(tallyGroup(knowledge, buildGroupTable(knowledge), group, left))
        expect(counted.members).toBe([...rows].filter((row) => !left.has(row)).length)
      }
    }
    expect(kept.counted.size).toBe(groups.length)
  })

  test('without some is what the others make', () => {
    const { knowledge } = model
    const kept = buildGroupTable(knowledge)
    for (let code = 1; code < knowledge.items.family!.size; code++) {
      const rows = groupItems(kept, knowledge, 'family', code)
      const group = { kind: 'family' as const, code }
      for (const at of [0, rows.length >> 1, rows.length - 1]) {
        const left = new Set([rows[at], rows[(at * 7) % rows.length]])
        const counted = tallyGroup(knowledge, kept, group, left)
        const others = tallyGroup(knowledge, kept, group, new Set(), (row) => !left.has(row))
        expect(counted.members).toBe(others.members)
        const bySignature = (routings: typeof counted.routings) => routings.toSorted((a, b) => a.signature - b.signature)
        const found = bySignature(counted.routings)
        expect(found.map(({ signature, routing }) => [signature, routing])).toEqual(
          bySignature(others.routings).map(({ signature, routing }) => [signature, routing]),
        )
        for (const [at, { share }] of bySignature(others.routings).entries()) expect(found[at].share).toBeCloseTo(share, 12)
      }
    }
  })

  test('a large group: an item that is left out counts no more, wherever it stands', () => {
    const count = 2.6 * limits.groupSampleMax
    const column = (value: (row: number) => number) => Uint32Array.from({ length: count }, (_, row) => value(row))
    // one family, an item one routing, five ways of making
    const merged = {
      items: {
        family: { codes: column(() => 1), size: 2, value: () => 'all' },
        routingOffsets: Uint32Array.from({ length: count + 1 }, (_, row) => row),
      },
      routings: { item: column((row) => row), orders: column((row) => 1 + (row % 11)), signature: column((row) => (row * row) % 5) },
      signatures: { count: 5 },
    } as unknown as Model['knowledge']
    const group = { kind: 'family' as const, code: 1 }
    const kept = buildGroupTable(merged)
    const whole = tallyGroup(merged, kept, group, new Set())
    let changed = 0
    for (let row = 0; row < count; row++) {
      const counted = tallyGroup(merged, kept, group, new Set([row]))
      expect(counted.members).toBe(count - 1)
      expect(counted.routings.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
      if (counted.routings.some(({ share }, at) => share !== whole.routings[at].share)) changed++
    }
    // those that stand at even distances
    expect(changed).toBe(limits.groupSampleMax)
  })
})

describe('groups of an item', () => {
  test('are those of its neighbours, heaviest first, with what is made in them', () => {
    for (const item of routedItems(model, 15)) {
      const { groups } = recommendGroups(model, { item, ignoreOwnHistory: true, limit: 50 })
      expect(groups.length).toBeGreaterThan(0)
      expect(groups.map(({ share }) => share)).toEqual(groups.map(({ share }) => share).sort((a, b) => b - a))
      for (const kind of ['family', 'signature']) {
        const total = groups.filter((group) => group.kind === kind).reduce((sum, { share }) => sum + share, 0)
        expect(total).toBeLessThanOrEqual(1.001)
      }
      for (const { kind, key, members, neighbours, typical, examples } of groups) {
        expect(neighbours).toBeGreaterThan(0)
        expect(members).toBeGreaterThanOrEqual(Math.min(neighbours, limits.groupExamplesMax) > 0 ? 1 : 0)
        expect(examples.length).toBeGreaterThan(0)
        expect(examples.length).toBeLessThanOrEqual(limits.groupExamplesMax)
        expect(new Set(examples.map((example) => example.item)).size).toBe(examples.length)
        expect(examples.map((example) => example.item)).not.toContain(item)
        for (const example of examples) {
          const known = getItem(model, example.item)
          if (kind === 'family') expect(known.family).toBe(key)
          else expect(known.routings.map(({ signature }) => signature)).toContain(key)
        }
        expect(typical!.share).toBeGreaterThan(0)
        const made = getItem(model, typical!.source.item).routings.find(({ routing }) => routing === typical!.source.routing)!
        expect(made.signature).toBe(typical!.signature)
      }
    }
  })

  test('the typical share of a family is what counting by hand gives', () => {
    const [item] = routedItems(model, 1)
    const group = recommendGroups(model, { item, limit: 50 }).groups.find(({ kind }) => kind === 'family')!
    const { knowledge } = model
    const { items, routings } = knowledge
    let members = 0
    let counted = 0
    let says = 0
    for (let row = 0; row < items.count; row++) {
      if (items.family!.value(items.family!.codes[row]) !== group.key) continue
      members++
      let total = 0
      let same = 0
      for (let routing = items.routingOffsets[row]; routing < items.routingOffsets[row + 1]; routing++) {
        total += routings.orders[routing]
        const signature = signatureText(knowledge, signatureOperations(knowledge, routings.signature[routing]))
        if (signature === group.typical!.signature) same += routings.orders[routing]
      }
      if (total === 0) continue
      counted++
      says += same / total
    }
    expect(group.members).toBe(members)
    expect(group.typical!.share).toBeCloseTo(says / counted, 3)
  })

  test('items left out are no members and no examples', () => {
    const [item] = routedItems(model, 1)
    const plain = recommendGroups(model, { item, ignoreOwnHistory: true, limit: 1 }).groups[0]
    const out = plain.examples.map((example) => example.item)
    const { groups } = recommendGroups(model, { item, ignoreOwnHistory: true, limit: 50, without: out })
    const same = groups.find(({ kind, key }) => kind === plain.kind && key === plain.key)
    if (same !== undefined) expect(same.members).toBe(plain.members - out.length)
    expect(groups.flatMap(({ examples }) => examples.map((example) => example.item)).filter((key) => out.includes(key))).toEqual([])
  })

  test('without any attribute there is none', () => {
    expect(recommendGroups(model, { attributes: {} }).groups).toEqual([])
  })
})

describe('group expansion', () => {
  test('adds candidates with the identity of a past routing, best first, never one that is there already', () => {
    let added = 0
    for (const item of routedItems(model, 20)) {
      const plain = predict(model, { item, ignoreOwnHistory: true, candidates: 2 })
      const wide = predict(model, { item, ignoreOwnHistory: true, candidates: 2, groupExpansion: 10 })
      expect(wide.candidates.slice(0, plain.candidates.length)).toEqual(plain.candidates)
      expect(wide.confidence).toBe(plain.confidence)
      const more = wide.candidates.slice(plain.candidates.length)
      added += more.length
      expect(more.length).toBeLessThanOrEqual(10)
      expect(new Set(wide.candidates.map(({ signature }) => signature)).size).toBe(wide.candidates.length)
      expect(more.map(({ probability }) => probability)).toEqual(more.map(({ probability }) => probability).sort((a, b) => b - a))
      expect(more.reduce((sum, { probability }) => sum + probability, 0)).toBeLessThanOrEqual(1)
      for (const { kind, id, source, signature, steps, probability } of more) {
        expect(kind).toBe('group')
        expect(id).toBe(`${source!.item}/${source!.routing}`)
        expect(source!.item).not.toBe(item)
        expect(probability).toBeGreaterThan(0)
        const past = getItem(model, source!.item).routings.find(({ routing }) => routing === source!.routing)!
        expect(past.signature).toBe(signature)
        expect(steps.map(({ operation }) => operation)).toEqual(past.steps.map(({ operation }) => operation))
        past.steps.forEach((step, at) => {
          if (step.resource !== null) expect(steps[at].resource).toBe(step.resource)
          if (step.runMinutes !== null) expect(steps[at].runMinutes).not.toBeNull()
        })
      }
    }
    expect(added).toBeGreaterThan(100)
  })

  test('nobody who is left out is the source of one', () => {
    const [item] = routedItems(model, 1)
    const ask = (without: string[]) =>
      predict(model, { item, ignoreOwnHistory: true, candidates: 1, groupExpansion: 10, without }).candidates.slice(1)
    const out = ask([]).map(({ source }) => source!.item)
    expect(out.length).toBeGreaterThan(0)
    expect(ask(out).filter(({ source }) => out.includes(source!.item))).toEqual([])
  })

  test('gives nothing where nothing is known of the item', () => {
    expect(predict(model, { attributes: {}, groupExpansion: 10 }).candidates.filter(({ kind }) => kind === 'group')).toEqual([])
  })
})
