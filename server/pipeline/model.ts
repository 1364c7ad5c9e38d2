/**
 * A version in memory: one immutable snapshot that a request takes once. Opening maps the files (their hashes must have been
 * verified by the caller), cross-checks them with the manifest and asks the golden queries.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ArrowFile, readArrow } from '../artifacts/arrow-file'
import type { Form } from '../contract/item'
import type { Learned } from '../contract/learned'
import type { Manifest } from '../contract/manifest'
import type { Mapping } from '../contract/mapping'
import type { RecallPoint } from '../contract/recall'
import { createEncoder, type Encoder, type EncoderModel } from '../domain/encoder/encoder'
import { DomainError } from '../domain/error'
import { buildGroupTable, type GroupTable } from '../domain/group-table'
import type { Knowledge } from '../domain/knowledge'
import { type Marginals, type SlotTable, slotTable } from '../domain/marginals'
import { curvePoints } from '../domain/recall-curve'
import type { RuntimeComparison } from '../domain/runtime-compatibility'
import type { SequenceFeatureSpec } from '../domain/sequence-features'
import type { StandardRules } from '../domain/standard-proposal'
import type { OperationResources } from '../domain/step-evidence'
import type { TimeProfiles } from '../domain/time-profiles'
import { AnnIndex } from '../engine/ann-index'
import { SequenceModel } from '../engine/sequence-model'
import { checkGolden } from './golden'
import { type AllowedCache, createAllowedCache } from './item-filter'
import { readKnowledge } from './knowledge-files'
import { readTimeProfiles } from './profile-files'
import { checkRuntime } from './runtime-check'
import { openStandardRules } from './standard-templates'
import { type StrategyProfiles, strategyProfiles } from './strategy-profiles'

export interface Model {
  version: string
  epoch: number
  directory: string
  manifest: Manifest
  /** How the runtime that made it differs from this one. */
  runtime: RuntimeComparison
  mapping: Mapping
  encoder: Encoder
  knowledge: Knowledge
  index: AnnIndex
  /** Recall of the index by breadth, as its training measured it. */
  recall: RecallPoint[]
  sequence: SequenceModel
  sequenceFeatures: SequenceFeatureSpec
  profiles: TimeProfiles
  strategyProfiles: StrategyProfiles
  usualResources: OperationResources
  learned: Learned
  /** Compiled from the mapping. */
  standardRules: StandardRules
  /** Items by family and by operations; sorted on first need. */
  groups: () => GroupTable
  form: Form
  /** How the attributes of its items are spread; null for a version from before they were kept. */
  marginals: SlotTable | null
  /** Values of categories seen in training, decoded on first need; null for attributes where nearly every value is its own. */
  vocabularies: Map<string, Set<string> | null>
  /** What filters leave, the last ones asked for. */
  allowed: AllowedCache
}

/** File names of a version, one list for the writer and the reader. */
export const modelFiles = {
  mapping: 'mapping.json',
  encoder: 'encoder.json',
  weights: 'weights.json',
  learned: 'learned.json',
  form: 'form.json',
  marginals: 'marginals.json',
  image: 'serving.image',
  index: 'index.usearch',
  vectors: 'vectors.f32',
  items: 'items.arrow',
  vectorItems: 'vector_items.arrow',
  vectorOffsets: 'vector_offsets.arrow',
  routings: 'routings.arrow',
  signatures: 'signatures.arrow',
  signatureOperations: 'signature_operations.arrow',
  steps: 'steps.arrow',
  operations: 'operations.arrow',
  resources: 'resources.arrow',
  usualResources: 'usual_resources.arrow',
  profiles: 'time_profiles.arrow',
  sequenceFeatures: 'sequence_features.json',
  sequence: 'sequence.model',
  golden: 'golden.jsonl',
  quality: 'quality.json',
  metadata: 'training_metadata.json',
} as const

/**
 * @param directory the version's folder, its files verified
 * @throws artifact_missing, artifact_corrupt, artifact_mismatch, golden_failed, version_incompatible
 */
export async function openModel(directory: string, manifest: Manifest, { epoch }: { epoch: number }): Promise<Model> {
  // a file that the manifest does not list was never hashed: it is not opened (a folder being built lists none yet)
  const listed = Object.keys(manifest.files)
  const file = (name: keyof typeof modelFiles) => {
    if (listed.length === 0 || listed.includes(modelFiles[name])) return join(directory, modelFiles[name])
    throw new DomainError('artifact_missing', 'the version lacks a file', {
      details: [{ path: modelFiles[name], message: 'not in the manifest' }],
    })
  }
  const json = <T>(name: keyof typeof modelFiles): T => readJson<T>(file(name), modelFiles[name])
  // a serving process opens the next version while it answers: between the parts others get their turn
  const runtime = checkRuntime(join(directory, modelFiles.metadata), manifest)
  await turn()
  const mapping = json<Mapping>('mapping')
  const encoder = createEncoder(json<EncoderModel>('encoder'))
  const arrow = (name: keyof typeof modelFiles): ArrowFile => readArrow(file(name))
  await turn()
  const knowledge = readKnowledge(arrow, mapping)
  await turn()
  check(encoder.model.dimensions === manifest.dimensions, modelFiles.encoder, 'dimensions differ from the manifest')
  check(knowledge.items.count === manifest.counts.items, modelFiles.items, 'item count differs from the manifest')
  check(knowledge.vectors.count === manifest.counts.vectors, modelFiles.vectorOffsets, 'vector count differs from the manifest')
  check(knowledge.routings.count === manifest.counts.routings, modelFiles.routings, 'routing count differs from the manifest')
  check(knowledge.steps.sequence.length === manifest.counts.operations, modelFiles.steps, 'step count differs from the manifest')
  const usual = arrow('usualResources')
  const profiles = readTimeProfiles(arrow('profiles'), knowledge.operations.group)
  await turn()
  const index = AnnIndex.open({
    // versions from before it, and those of other tools, have none
    imagePath: listed.length === 0 || listed.includes(modelFiles.image) ? file('image') : null,
    indexPath: file('index'),
    vectorsPath: file('vectors'),
    dimensions: manifest.dimensions,
    count: manifest.counts.vectors,
  })
  let sequence: SequenceModel | null = null
  try {
    await turn()
    sequence = SequenceModel.open(new Uint8Array(readFileSync(file('sequence'))))
    await turn()
    const standardRules = openStandardRules(mapping, knowledge)
    await turn()
    const strategies = strategyProfiles(knowledge, profiles)
    await turn()
    const model: Model = {
      version: manifest.version,
      epoch,
      directory,
      manifest,
      runtime,
      mapping,
      encoder,
      knowledge,
      index,
      recall: curvePoints(manifest),
      sequence,
      sequenceFeatures: json('sequenceFeatures'),
      profiles,
      strategyProfiles: strategies,
      groups: once(() => buildGroupTable(knowledge)),
      usualResources: {
        offsets: csrOffsets(usual.numbers<Uint32Array>('operation'), knowledge.operations.code.length),
        resources: usual.numbers('resource'),
        counts: usual.numbers('count'),
      },
      learned: json('learned'),
      standardRules,
      form: json('form'),
      marginals: listed.length > 0 && !listed.includes(modelFiles.marginals) ? null : slotTable(json<Marginals>('marginals')),
      vocabularies: new Map(),
      allowed: createAllowedCache(),
    }
    await turn()
    await checkGolden(model, readFileSync(file('golden'), 'utf8'))
    return model
  } catch (error) {
    index.retire()
    sequence?.retire()
    throw error
  }
}

/** Frees the mapped files once the last search is done. The model must not be used again. */
export function retireModel(model: Model): void {
  model.index.retire()
  model.sequence.retire()
}

const turn = () => new Promise(setImmediate)

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** Sorted owner column → CSR offsets of `count` owners. */
export function csrOffsets(owners: Uint32Array, count: number): Uint32Array {
  const offsets = new Uint32Array(count + 1)
  for (const owner of owners) offsets[owner + 1]++
  for (let owner = 0; owner < count; owner++) offsets[owner + 1] += offsets[owner]
  return offsets
}

function check(holds: boolean, path: string, message: string): void {
  if (!holds)
    throw new DomainError('artifact_mismatch', 'a file of the version does not fit its manifest', { details: [{ path, message }] })
}

function readJson<T>(path: string, name: string): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch (cause) {
    throw new DomainError('artifact_corrupt', 'a file of the version cannot be read', {
      details: [{ path: name, message: 'not JSON' }],
      cause,
    })
  }
}
