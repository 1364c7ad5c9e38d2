/** Small services for tests of the HTTP layer: they know one item and one attribute and refuse as the real ones do. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AppServices } from '../../server/app'
import type { Prediction, PredictRequest, Similar } from '../../server/contract/predict'
import type { CurrentConfig } from '../../server/contract/runtime-config'
import { DomainError } from '../../server/domain/error'
import { jsonAnswer } from '../../server/domain/json-answer'
import { defaultRuntimeConfig } from '../../server/domain/runtime-config'
import { createAccountRuntime } from '../../server/pipeline/accounts/account-runtime'
import { createAdministration } from '../../server/pipeline/accounts/administration'
import { createEvidence } from '../../server/pipeline/evidence/evidence'
import { openStore } from '../../server/store/open'

export const knownItem = 'AB-1/2'
const version = '2026.01.31_1'

export function samplePrediction(request: PredictRequest): Prediction {
  if (request.item !== undefined && request.item !== knownItem)
    throw new DomainError('unknown_item', 'the active version does not know this item')
  for (const name of Object.keys(request.attributes ?? {})) {
    if (name !== 'OUTDIAMETER') throw new DomainError('unknown_attribute', 'the active version has no such attribute')
  }
  return {
    id: '01',
    item: request.item ?? null,
    confidence: 0.5,
    abstained: false,
    reason: 'sample',
    grounds: { code: 'agreement', neighbours: 1, same: 1, nearest: 1, decisive: [], standardRouting: null },
    candidates: [],
    neighbours: [],
    warnings: [],
    version,
    epoch: 7,
    configRev: 4,
    efSearch: request.efSearch ?? 96,
    recall: { expected: 0.98, k: 10, asked: request.recall ?? null, exact: false },
    searchPath: 'walk',
    allowedItems: null,
    timingsMs: { encode: 0, search: 0, compose: 0, times: 0, total: 0 },
  }
}

const noJob = () => {
  throw new DomainError('job_unknown', 'no such job')
}
const noTraining: AppServices['training'] = {
  listJobs: () => ({ jobs: [], trainer: { alive: false, seenAt: null } }),
  getJob: noJob,
  order: noJob,
  cancel: noJob,
  retry: noJob,
  readLog: noJob,
  listSchedules: () => ({ schedules: [] }),
  putSchedule: noJob,
  deleteSchedule: noJob,
}

const currentConfig: CurrentConfig = { revision: 0, sha256: '', config: defaultRuntimeConfig, defaults: defaultRuntimeConfig, changed: [] }

/** The real thing over an empty database: nobody has an account. */
function sampleAuth(): AppServices['auth'] {
  const directory = mkdtempSync(join(tmpdir(), 'routewright-auth-'))
  const runtime = createAccountRuntime({
    db: openStore(':memory:'),
    databasePath: join(directory, 'db.sqlite'),
    perUserMax: () => 0,
    accessToken: () => null,
    report: () => {},
  })
  rmSync(directory, { recursive: true })
  return runtime.features
}

/** The real figures of a process that has served nothing yet. */
const sampleEvidence = () =>
  createEvidence({
    db: openStore(':memory:'),
    databasePath: ':memory:',
    bootId: 'sample',
    worker: 0,
    slowMs: () => 100,
    configRevision: () => 0,
    state: () => ({ version, epoch: 7, configRevision: 0, workers: 1 }),
    loopLagMs: () => 0,
    figures: [],
    log: { slow: () => {}, event: () => {}, status: () => ({ dropped: 0, waitingBytes: 0, problem: null }) },
    reportFailure: () => {},
  }).features

export const sampleServices = (changes: Partial<AppServices> = {}): AppServices => ({
  training: noTraining,
  predict: (request) => jsonAnswer(samplePrediction(request), 'bypass', request.topK),
  repeat: () => null,
  similar: (request): Similar => {
    const { item, neighbours, warnings, epoch, configRev, efSearch, recall, searchPath, allowedItems } = samplePrediction(request)
    return { item, neighbours, warnings, version, epoch, configRev, efSearch, recall, searchPath, allowedItems }
  },
  searchVector: () => {
    throw new DomainError('model_not_loaded', 'no version is active')
  },
  counterfactual: async ({ limit: _limit, change, ...question }) => {
    const asked = { ...question, attributes: { ...question.attributes, ...change } }
    const { item, warnings, epoch, configRev, efSearch, recall } = samplePrediction(asked)
    const base = { signature: null, confidence: 0, abstained: true }
    return {
      item,
      base,
      counterfactuals: [],
      attributes: [],
      predictions: 1,
      complete: true,
      warnings,
      version,
      epoch,
      configRev,
      efSearch,
      recall,
    }
  },
  recommendGroups: ({ limit: _limit, ...question }) => {
    const { item, warnings, epoch, configRev, efSearch, recall, searchPath, allowedItems } = samplePrediction(question)
    return { item, groups: [], warnings, version, epoch, configRev, efSearch, recall, searchPath, allowedItems }
  },
  openBatch: () => ({ version, epoch: 7, configRev: 4, predict: samplePrediction, close: () => {} }),
  listItems: () => ({ version, epoch: 7, etag: '"items"', json: Buffer.from(JSON.stringify({ items: [], version })) }),
  getItem: () => {
    throw new DomainError('unknown_item', 'the active version does not know this item')
  },
  itemForm: () => {
    throw new DomainError('model_not_loaded', 'no version is active')
  },
  timeSummary: () => {
    throw new DomainError('not_found', 'the active version does not know this operation')
  },
  drift: async () => {
    throw new DomainError('model_not_loaded', 'no version is active')
  },
  adoption: () => {
    throw new DomainError('database_unavailable', 'the database cannot be used')
  },
  adopt: async () => {
    throw new DomainError('unknown_proposal', 'this proposal is not known, or too old to be kept')
  },
  listModels: () => ({ state: { active: null, previous: null, epoch: 0, changedAt: null }, versions: [], ledger: [] }),
  modelState: () => ({ active: null, previous: null, epoch: 0, changedAt: null }),
  getModel: () => {
    throw new DomainError('version_unknown', 'no such version')
  },
  modelQuality: async () => {
    throw new DomainError('version_unknown', 'no such version')
  },
  modelReport: async () => {
    throw new DomainError('version_unknown', 'no such version')
  },
  compareModels: async () => {
    throw new DomainError('version_unknown', 'no such version')
  },
  activateModel: async () => {
    throw new DomainError('version_unknown', 'no such version')
  },
  rollbackModel: async () => {
    throw new DomainError('not_found', 'there is no previous version to go back to')
  },
  annotateModel: async () => {
    throw new DomainError('version_unknown', 'no such version')
  },
  deleteModel: async () => {
    throw new DomainError('version_unknown', 'no such version')
  },
  listSwitches: () => ({ intents: [] }),
  listWorkers: () => ({ workers: [] }),
  requireEpoch: () => {},
  ...createAdministration({ db: openStore(':memory:') }),
  auth: sampleAuth(),
  setup: {
    state: () => ({ open: false }),
    setUp: async () => {
      throw new DomainError('setup_closed', 'this link was used or replaced; the newest one stands in the console of the server')
    },
  },
  config: {
    show: () => currentConfig,
    patch: async () => currentConfig,
    revert: async () => currentConfig,
    history: () => ({ revisions: [] }),
    revision: () => ({ ...currentConfig, head: null }),
    diff: (from, to) => ({ from, to, changes: [] }),
    presets: () => ({ version, presets: [], targets: [], measured: false }),
  },
  ...sampleEvidence(),
  live: () => ({ status: 'pass', uptimeSeconds: 1 }),
  ready: () => ({ ready: true, reason: null, version, epoch: 7 }),
  health: async () => ({ status: 'pass', version: '0', releaseId: version, checks: {} }),
  ...changes,
})
