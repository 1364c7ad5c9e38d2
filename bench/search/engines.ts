/** The engines of the search bench: how each is built, and how it is called. */
import { join } from 'node:path'

export interface EngineKind {
  id: string
  /** As the tables call it. */
  name: string
  library: string
  kind: string
  /** Most neighbours of a vertex, where there is one layer. */
  degree?: number
  bits?: number
  /** Where the engine's own advice is to build wider than with the common ef_construction. */
  expansionAddLeast?: number
  /** Python packages; engines without are called from Bun. */
  packages?: string[]
}

const numpy = 'numpy==2.4.6'
const rabitqlib = { library: 'rabitqlib', packages: ['rabitqlib==0.7.1', numpy], expansionAddLeast: 200 }
const svs = { library: 'svs', packages: ['scalable-vs==0.5.0', numpy] }
const faiss = { library: 'faiss', packages: ['faiss-cpu==1.15.1', numpy] }
// compiled on this machine: its setup asks for -march=native
const hnswlib = { library: 'hnswlib', packages: ['--no-binary=hnswlib', 'hnswlib==0.8.0', numpy] }
const vsag = { library: 'vsag', packages: ['pyvsag==0.18.5', numpy] }
const scann = { library: 'scann', packages: ['scann==1.4.2', numpy] }

export const engineKinds: EngineKind[] = [
  { id: 'routewright', name: 'routewright', library: 'routewright', kind: 'blocks' },
  // its image without the blocks of neighbours' codes: smaller
  { id: 'routewright-int8', name: 'routewright, int8 only', library: 'routewright', kind: 'codes' },
  { id: 'symqg-32', name: 'SymphonyQG 32', ...rabitqlib, kind: 'symqg', degree: 32, bits: 0 },
  { id: 'symqg-64', name: 'SymphonyQG 64', ...rabitqlib, kind: 'symqg', degree: 64, bits: 0 },
  { id: 'symqg-32-8bit', name: 'SymphonyQG 32, 8-bit', ...rabitqlib, kind: 'symqg', degree: 32, bits: 8 },
  { id: 'rabitq-hnsw', name: 'rabitqlib HNSW', ...rabitqlib, kind: 'hnsw', bits: 8 },
  { id: 'svs-lvq', name: 'SVS LVQ4x8 64', ...svs, kind: 'lvq', degree: 64, expansionAddLeast: 200 },
  { id: 'svs-f16', name: 'SVS f16 32', ...svs, kind: 'f16', degree: 32 },
  { id: 'svs-f16-64', name: 'SVS f16 64', ...svs, kind: 'f16', degree: 64, expansionAddLeast: 200 },
  { id: 'faiss', name: 'faiss HNSW', ...faiss, kind: 'f32' },
  { id: 'faiss-f16', name: 'faiss HNSW f16', ...faiss, kind: 'f16' },
  { id: 'faiss-sq8', name: 'faiss HNSW SQ8', ...faiss, kind: 'sq8' },
  { id: 'faiss-rabitq', name: 'faiss HNSW RaBitQ', ...faiss, kind: 'rabitq' },
  { id: 'hnswlib', name: 'hnswlib', ...hnswlib, kind: 'f32' },
  { id: 'vsag', name: 'VSAG HGraph SQ8', ...vsag, kind: 'hgraph', degree: 32 },
  { id: 'scann', name: 'ScaNN', ...scann, kind: 'tree' },
  { id: 'usearch-f32', name: 'usearch f32', library: 'usearch', kind: 'f32' },
  { id: 'usearch-bf16', name: 'usearch bf16', library: 'usearch', kind: 'bf16' },
]

/** All that the flag names, ours first; a library's name stands for all of its engines. Throws for an unknown name. */
export function chosenEngines(names: string[]): EngineKind[] {
  const matches = (name: string) => ({ id, library }: EngineKind) => id === name || library === name // biome-ignore format: one line
  const unknown = names.filter((name) => name !== 'none' && name !== 'all' && !engineKinds.some(matches(name)))
  if (unknown.length > 0) throw new Error(`no such engine: ${unknown.join(', ')}; there are ${engineKinds.map(({ id }) => id).join(', ')}`)
  const wanted = (kind: EngineKind) => kind.id === 'routewright' || names.includes('all') || names.some((name) => matches(name)(kind))
  return engineKinds.filter(wanted)
}

export const scriptOf = ({ packages }: EngineKind): string =>
  packages ? join(import.meta.dir, '../peers/vector_search.py') : join(import.meta.dir, 'native-engine.ts')
