/** Positions of the weight sliders that a bench asks under: one moved, two, many, and all but one at nothing. */
import { sampleRows, seededRandom } from '../../server/domain/random'
import type { Model } from '../../server/pipeline/model'

const heaviestCount = 8
export type Weights = Record<string, number>
/** Attributes that fewer of the items know are no sliders that anybody moves. */
const KNOWN_MIN = 0.1

/** One position of the sliders. `of`: the attribute, where one alone is moved. */
export interface Setting {
  kind: string
  name: string
  weights: Weights | undefined
  of?: string
  /** Asked only of what knows one of them: for the rest the slider moves nothing. */
  about?: string[]
}
export function settingsOf(model: Model): Setting[] {
  const { items } = model.knowledge
  const rows = sampleRows(items.count, Math.min(1_000, items.count), seededRandom(2))
  const isKnown = (name: string) => {
    const { value } = items.features.find((feature) => feature.name === name)!
    return rows.reduce((sum, row) => sum + (value(row) === null ? 0 : 1), 0) >= KNOWN_MIN * rows.length
  }
  const blocks = [...model.encoder.model.blocks].sort((a, b) => b.weight - a.weight)
  const names = blocks.map(({ name }) => name)
  const sliders = names.filter(isKnown)
  const heaviest = sliders.slice(0, heaviestCount)
  const all = (of: string[], factor: number): Weights => Object.fromEntries(of.map((name) => [name, factor]))
  const but = (name: string) => names.filter((other) => other !== name)
  const settings: Setting[] = [{ kind: 'unmoved', name: 'unmoved', weights: undefined }]
  for (const name of [...heaviest, ...sliders.slice(-2)])
    for (const factor of [0, 0.25, 1, 2, 4]) {
      const kind = factor === 1 ? 'unmoved' : 'one moved'
      settings.push({ kind, name: `${name} × ${factor}`, weights: { [name]: factor }, of: name, about: [name] })
    }
  const [first, second, third] = heaviest
  const lightest = sliders.at(-1)!
  const pairs: [string, number, string, number][] = [
    [first, 0, second, 0],
    [first, 4, second, 4],
    [first, 0, third, 4],
    [first, 0, lightest, 4],
  ]
  for (const [a, x, b, y] of pairs)
    settings.push({ kind: 'two moved', name: `${a} × ${x}, ${b} × ${y}`, weights: { [a]: x, [b]: y }, about: [a, b] })
  const eight = `${heaviestCount} heaviest`
  settings.push({ kind: 'eight moved', name: `${eight} × 0`, weights: all(heaviest, 0) })
  settings.push({ kind: 'eight moved', name: `${eight} × 4`, weights: all(heaviest, 4) })
  settings.push({ kind: 'eight moved', name: `${heaviestCount} lightest × 4`, weights: all(sliders.slice(-heaviestCount), 4) })
  for (const name of [...heaviest, ...sliders.slice(-2)])
    settings.push({ kind: 'all but one at 0', name: `all but ${name} × 0`, weights: all(but(name), 0), about: [name] })
  return settings
}
