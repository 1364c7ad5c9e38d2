/** Engines that are built, or were by a former run, and answer. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { say } from '../measure/report'
import { pythonEnvironment } from '../peers/python-environment'
import { type BuiltEngine, buildEngine, type EngineOrder, type ServingEngine, serveEngine } from './engine-process'
import { type EngineKind, scriptOf } from './engines'
import type { VectorFiles } from './vector-files'

export interface Graph {
  connectivity: number
  expansionAdd: number
  threads: number
}
export interface Contender extends ServingEngine, BuiltEngine {
  id: string
  name: string
  /** File or folder of its index. */
  path: string
}
export interface Preparing {
  /** Where built indexes stay. */
  folder: string
  set: string
  graph: Graph
  /** Whether Python packages may be installed for it. */
  make: boolean
  /** Whether one that a former run built is built again. */
  rebuild: boolean
}

/** Builds the engine unless its index lies there, and opens it. In words why it cannot be had. */
export async function prepare(kind: EngineKind, files: VectorFiles, preparing: Preparing): Promise<Contender | { missing: string }> {
  const built = await build(kind, files, preparing)
  if ('missing' in built) return built
  try {
    const serving = await serveEngine(built.command, built.order)
    return { ...serving, ...built.built, id: kind.id, name: kind.name, path: built.order.path }
  } catch (error) {
    return { missing: `${kind.name}: ${(error as Error).message}` }
  }
}

type Built = { command: string[]; order: EngineOrder; built: BuiltEngine } | { missing: string }

async function build(kind: EngineKind, files: VectorFiles, { folder, set, graph, make, rebuild }: Preparing): Promise<Built> {
  const environment = kind.packages ? await pythonEnvironment(kind.packages, { make }) : { python: process.execPath }
  if ('missing' in environment) return { missing: `${kind.name}: ${environment.missing}` }
  const command = [environment.python, scriptOf(kind), kind.library]
  const expansionAdd = Math.max(graph.expansionAdd, kind.expansionAddLeast ?? 0)
  const path = join(folder, `${set}.${files.count}.${kind.id}.m${graph.connectivity}.e${expansionAdd}`)
  const { basePath, queriesPath, dimensions, count } = files
  const parameters = { kind: kind.kind, degree: kind.degree ?? 0, bits: kind.bits ?? 0, ...graph, expansionAdd }
  const order: EngineOrder = { ...parameters, basePath, queriesPath, dimensions, count, path }
  // written last: an index without it is what an interrupted build left
  const done = `${path}.built.json`
  if (existsSync(done) && !rebuild) return { command, order, built: JSON.parse(readFileSync(done, 'utf8')) as BuiltEngine }
  say(`${files.name}: building ${kind.name} …`)
  mkdirSync(folder, { recursive: true })
  for (const left of [path, done]) rmSync(left, { recursive: true, force: true })
  try {
    const built = await buildEngine(command, order)
    writeFileSync(done, JSON.stringify(built))
    return { command, order, built }
  } catch (error) {
    return { missing: `${kind.name}: ${(error as Error).message}` }
  }
}
