/** The tables of the search bench. */
import type { Row } from '../measure/report'
import type { Contender } from './contender'
import type { CurvePoint } from './curve'
import type { Memory } from './engine-process'
import { atRecall } from './equal-recall'

const fixed = (value: number, digits: number): number => Number(value.toFixed(digits))
const perSecond = (micros: number): number => Math.round(1e6 / micros)
export const own = 'routewright'
/** Another layout of ours is no peer. */
const isPeer = (id: string): boolean => !id.startsWith(own)

/** One row an engine, way and ef. */
export const curveRows = (points: CurvePoint[]): Row[] =>
  points.map(({ name, way, ef, recall, micros, wallMicros, quantiles: { p50, p95, p99 } }) => ({
    engine: name,
    calls: way,
    ef,
    recall: fixed(recall, 4),
    'qps of cpu': perSecond(micros),
    'qps of wall': perSecond(wallMicros),
    'p50 µs': fixed(p50, 1),
    'p95 µs': fixed(p95, 1),
    'p99 µs': fixed(p99, 1),
  }))

/** By engine, the better of its ways at this recall; micros a query. */
function bestAt(points: CurvePoint[], target: number): Map<string, number> {
  const best = new Map<string, number>()
  for (const [key, line] of Map.groupBy(points, ({ id, way }) => `${id}/${way}`)) {
    const micros = atRecall(line, target)
    const id = key.slice(0, key.indexOf('/'))
    if (micros !== null && micros < (best.get(id) ?? Number.POSITIVE_INFINITY)) best.set(id, micros)
  }
  return best
}

/** How many times the fastest peer and usearch f32 we are: NaN where the peer does not reach the recall, 0 where only it does. */
export function factorsAt(points: CurvePoint[], target: number): { fastest: string | null; overFastest: number; overUsearch: number } {
  const best = bestAt(points, target)
  const ours = best.get(own) ?? Number.POSITIVE_INFINITY
  const [id, micros] = [...best].filter(([id]) => isPeer(id)).sort((a, b) => a[1] - b[1])[0] ?? [null, Number.NaN]
  const fastest = points.find((point) => point.id === id)?.name ?? null
  return { fastest, overFastest: micros / ours, overUsearch: (best.get('usearch-f32') ?? Number.NaN) / ours }
}

/** One row an engine and way, one column a recall; then how many times the fastest peer and usearch f32 we are. */
export function equalRows(points: CurvePoint[], targets: number[]): Row[] {
  const lines = Map.groupBy(points, ({ name, way }) => `${name}/${way}`)
  const cells = (value: (target: number) => Row[string]) => Object.fromEntries(targets.map((target) => [`at ${target}`, value(target)]))
  const rows = [...lines.values()].map((line) => {
    const qps = (target: number) => {
      const micros = atRecall(line, target)
      return micros === null ? null : perSecond(micros)
    }
    return { engine: line[0].name, calls: line[0].way, ...cells(qps) }
  })
  if (new Set(points.map(({ id }) => id)).size < 2) return rows
  const factors = new Map(targets.map((target) => [target, factorsAt(points, target)]))
  const factor = (name: 'overFastest' | 'overUsearch') => cells((target) => fixed(factors.get(target)?.[name] ?? Number.NaN, 2))
  return [
    ...rows,
    { engine: '= the fastest peer', calls: null, ...cells((target) => factors.get(target)?.fastest) },
    { engine: '= times the fastest peer', calls: null, ...factor('overFastest') },
    { engine: '= times usearch f32', calls: null, ...factor('overUsearch') },
  ]
}

/** Resident MiB where the narrowest measured breadth first reaches the recall; then ours beside the fastest SymphonyQG's. */
export function memoryRows(points: CurvePoint[], targets: number[]): Row[] {
  const cells = (value: (target: number) => Row[string]) => Object.fromEntries(targets.map((target) => [`at ${target}`, value(target)]))
  const rows: Row[] = [...Map.groupBy(points, ({ id }) => id).values()].map((line) => ({
    engine: line[0].name,
    ...cells((target) => mebibytes(residentAt(line, target))),
  }))
  if (!points.some(({ id }) => isSymphony(id))) return rows
  return [...rows, { engine: '= times SymphonyQG', ...cells((target) => fixed(memoryFactorAt(points, target), 2)) }]
}

/** Our resident memory beside that of the SymphonyQG that is the fastest at this recall; NaN where one does not reach it. */
export function memoryFactorAt(points: CurvePoint[], target: number): number {
  const [id] = [...bestAt(points, target)].filter(([id]) => isSymphony(id)).sort((a, b) => a[1] - b[1])[0] ?? []
  const of = (wanted: string | undefined) =>
    residentAt(
      points.filter((point) => point.id === wanted),
      target,
    )
  return of(own) / of(id)
}

const isSymphony = (id: string): boolean => id.startsWith('symqg')

function residentAt(line: CurvePoint[], target: number): number {
  const reached = line.filter(({ recall }) => recall >= target).sort((a, b) => a.ef - b.ef)
  return reached[0]?.resident ?? Number.NaN
}

/** What an engine costs before it answers, and what it holds; memory above that of its process before it opened the index. */
export const costRows = (contenders: Contender[], after: Map<string, Memory>, count: number): Row[] =>
  contenders.map(({ id, name, buildSeconds, cpuSeconds, peakBytes, openSeconds, empty, opened }) => {
    const searched = after.get(id)
    return {
      engine: name,
      'build s': fixed(buildSeconds, 1),
      'build cpu s': fixed(cpuSeconds ?? Number.NaN, 1),
      'build peak MiB': mebibytes(peakBytes),
      'open s': fixed(openSeconds, 3),
      'opened MiB': mebibytes(opened.resident - empty.resident),
      'searched MiB': searched && mebibytes(searched.resident - empty.resident),
      'of it anonymous': searched && mebibytes(searched.anonymous - empty.anonymous),
      'bytes a vector': searched && Math.round((searched.resident - empty.resident) / count),
    }
  })

const mebibytes = (bytes: number): number => fixed(bytes / 2 ** 20, 1)
