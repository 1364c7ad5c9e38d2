/** Constructs once what has a state (database, model, health) and gives the features the functions that they need. */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { version as programVersion } from '../package.json'
import type { AdoptionRequest } from './contract/adoption'
import type { Actor } from './domain/actor'
import { DomainError } from './domain/error'
import { type AccountEvent, createAccountRuntime } from './pipeline/accounts/account-runtime'
import { createAdministration } from './pipeline/accounts/administration'
import { anchorAudit } from './pipeline/accounts/audit-trail'
import { isSetupOpen, openSetup } from './pipeline/accounts/setup'
import { addressKey } from './pipeline/accounts/throttle'
import { adopt, adoptionReport } from './pipeline/adoption'
import { AnswerCache } from './pipeline/answer-cache'
import { createAnswers } from './pipeline/answers'
import { type Boot, bootVersion } from './pipeline/boot-version'
import { type ConfigEvent, createConfigStore } from './pipeline/config/config-store'
import { servingRecall, showPresets } from './pipeline/config/presets'
import { type BackupEvent, createDailyBackup } from './pipeline/daily-backup'
import { driftReport } from './pipeline/drift'
import { reportHtml } from './pipeline/evaluate/report-html'
import { watchAuditChain } from './pipeline/evidence/audit-chain'
import { createEvidence, type EvidenceOptions } from './pipeline/evidence/evidence'
import { serviceFigures } from './pipeline/evidence/service-figures'
import { servingState } from './pipeline/evidence/serving-state'
import { createHealth } from './pipeline/health'
import { watchRecall } from './pipeline/health/recall-watch'
import { serviceChecks } from './pipeline/health/service-checks'
import { measureLoopLag } from './pipeline/loop-lag'
import { type Model, retireModel } from './pipeline/model'
import { type HolderEvent, ModelHolder } from './pipeline/model-holder'
import { Recorder } from './pipeline/recorder'
import { openVersion } from './pipeline/registry'
import { createSwitching, type Switching, type SwitchingEvent } from './pipeline/switching/switching'
import { TableCache } from './pipeline/table-cache'
import { createTables } from './pipeline/tables'
import { createTrainingDesk } from './pipeline/training/desk'
import { openTriedModel } from './pipeline/tried-model'
import { compareVersions, getQuality } from './pipeline/version-quality'
import { listActivations } from './store/activation'
import { guardStore, watchDatabaseFile } from './store/database-file'
import { getVersion, listVersions, readState } from './store/model-version'
import { closeStore, openStore } from './store/open'

export interface ServicesOptions {
  modelsDirectory: string
  databasePath: string
  /** Number among the workers; 0 when it is the only one. */
  worker: number
  /** See `Env`. */
  cacheShadowEvery?: number
  /** Of this life of the process, in its log lines and its row among the workers. */
  bootId: string
  insecureCookies: number
  /** What others tell of themselves, for the metrics. */
  figures: EvidenceOptions['figures']
  log: EvidenceOptions['log']
  isStopping: () => boolean
  /** The access token that a browser sent. */
  accessToken: (request: Request) => string | null
  report: (event: HolderEvent | ConfigEvent | SwitchingEvent | BackupEvent) => void
  /** An address, or all, must wait with log-ins: see server/http/login-door.ts. */
  onLoginBlocked?: (key: string, waitMs: number) => void
  /** For the security log. */
  reportSecurity: (event: AccountEvent) => void
  /** An error that no answer can carry any more. */
  reportFailure: (error: unknown) => void
}

/** Everything a serving process holds. Throws `database_unavailable`, `storage_full`, `busy`. */
export function openServices({
  modelsDirectory,
  databasePath,
  worker,
  cacheShadowEvery,
  bootId,
  insecureCookies,
  figures,
  log,
  isStopping,
  accessToken,
  report,
  reportSecurity,
  onLoginBlocked,
  reportFailure,
}: ServicesOptions) {
  mkdirSync(modelsDirectory, { recursive: true })
  const opened = openStore(databasePath)
  const databaseFile = watchDatabaseFile(databasePath)
  const db = guardStore(opened, databaseFile)
  const configStore = createConfigStore({ db, mirrorPath: join(dirname(databasePath), 'runtime_config.json'), report })
  const accounts = createAccountRuntime({
    db,
    databasePath,
    perUserMax: () => configStore.current().config.sessions.perUserMax,
    accessToken,
    report: reportSecurity,
    onBlocked: onLoginBlocked,
  })
  const loopLag = measureLoopLag()
  const recorder = new Recorder({ db, reportFailure })
  const holder = new ModelHolder<Model>({
    readTarget: () => switching.readTarget(),
    open: async (version, epoch) => (await openVersion(db, modelsDirectory, { version, epoch, prepare: openTriedModel })).model,
    retire: retireModel,
    report: (event) => {
      report(event)
      if (event.event === 'model.swapped') switching.changed()
    },
  })
  const backups = createDailyBackup({ databasePath, isMine: worker <= 1, report })
  const switching: Switching = createSwitching({
    db,
    modelsDirectory,
    bootId,
    worker,
    holder: () => holder,
    configRevision: () => configStore.current().revision,
    isStopping,
    report,
    reportFailure,
  })
  const health = createHealth({
    version: programVersion,
    holder: () => holder.status(),
    askIndex: () => askIndex(holder.current()),
    askDatabase: () => readState(db),
    recorder: () => recorder.status(),
    config: configStore.status,
    parts: [
      () =>
        serviceChecks(db, {
          databaseFile,
          logs: log.status(),
          cache: answerCache.status(),
          cacheMax: configStore.current().config.cache,
          configRevision: configStore.current().revision,
          insecureCookies: insecureCookies === 1,
          backup: backups,
          now: new Date(),
        }),
      () => recallWatch.checks(),
    ],
    folders: { models: modelsDirectory, database: dirname(databasePath) },
    isStopping,
    loopLagMs: loopLag.ms,
  })

  const recallWatch = watchRecall({ holder, settings: () => configStore.current().settings, reportFailure })

  /** Opens what should serve and begins to follow the registry. */
  const start = async (): Promise<Boot<Model>> => {
    const boot = await bootVersion(db, modelsDirectory, { prepare: openTriedModel, discard: retireModel })
    holder.start(boot.opened?.model ?? null)
    await switching.start()
    recorder.start()
    configStore.start()
    evidence.start()
    backups.start()
    recallWatch.start()
    return boot
  }
  const close = async () => {
    loopLag.stop()
    databaseFile.stop()
    backups.stop()
    stopChainWatch()
    await evidence.close()
    await recallWatch.stop()
    await switching.stop()
    await holder.stop()
    await recorder.close()
    await accounts.stop()
    await configStore.close()
    closeStore(db)
  }
  const answerCache = new AnswerCache({
    recordAgain: (recordable, id) => recorder.recordAgain(recordable, id),
    reportFailure,
    shadowEvery: cacheShadowEvery,
  })
  const answers = createAnswers({
    holder,
    settings: () => configStore.current().settings,
    recorder,
    asked: recallWatch.offer,
    cache: answerCache,
    cacheBounds: () => configStore.current().config.cache,
    watch: switching.watch,
    noteAnswer: switching.noteAnswer,
    reportFailure,
  })
  const chain = watchAuditChain(db, { isMine: worker <= 1 })
  const stopChainWatch = chain.stop
  const evidence = createEvidence({
    db,
    databasePath,
    bootId,
    worker,
    slowMs: () => configStore.current().config.log.slowMs,
    configRevision: () => configStore.current().revision,
    state: () => servingState(db, holder.status().serving, configStore.current().revision),
    loopLagMs: loopLag.ms,
    figures: [
      ...figures,
      ...serviceFigures({
        holder: () => holder.status(),
        configRevision: () => configStore.current().revision,
        cache: () => answerCache.status(),
        recorder: () => recorder.status(),
        busy: () => db.$guard?.busy ?? 0,
        walBytes: databaseFile.walBytes,
        passwordsWaiting: () => accounts.passwords.waiting(),
        auditChainOk: chain.ok,
      }),
    ],
    log,
    reportFailure,
  })
  const tableCache = new TableCache()
  const tables = createTables({
    current: () => holder.current(),
    settings: () => configStore.current().settings,
    tablesMax: () => configStore.current().config.cache.tablesMax,
    cache: tableCache,
  })
  const drift = async ({ version, hours }: { version?: string; hours: number }) => {
    const model = version === undefined || version === holder.status().serving?.version ? holder.current() : null
    return driftReport(db, modelsDirectory, { model, version: version ?? holder.current().version, hours, now: new Date() })
  }
  const features = {
    ...answers,
    config: { ...configStore, presets: () => showPresets(servingRecall(holder), configStore.current().settings.topK) },
    ...tables,
    drift,
    adoption: (query: { version?: string; days: number }) => adoptionReport(db, { ...query, now: new Date() }),
    adopt: (request: AdoptionRequest, actor: Actor) => adopt(db, request, { actor, now: new Date(), flush: () => recorder.flush() }),
    listModels: () => ({ state: readState(db), versions: listVersions(db), ledger: listActivations(db) }),
    modelState: () => readState(db),
    getModel: (version: string) => getVersion(db, version),
    modelQuality: (version: string) => getQuality(db, modelsDirectory, version),
    modelReport: async (version: string, lang: 'en' | 'ko') =>
      reportHtml(await getQuality(db, modelsDirectory, version), { version, lang }),
    ...switching.services,
    requireEpoch: (epoch: number) => holder.requireEpoch(epoch),
    ...createAdministration({ db }),
    auth: accounts.features,
    setup: { state: () => ({ open: isSetupOpen(db) }), setUp: accounts.features.setUp },
    compareModels: (a: string, b: string) => compareVersions(db, modelsDirectory, a, b),
    training: createTrainingDesk({ db, logsDirectory: join(dirname(databasePath), 'logs', 'training') }),
    ...evidence.features,
    ...health,
  }
  /** A new token for the first admin; null while there is one, and where none can be kept now. */
  const openSetupLink = () =>
    openSetup(db, new Date()).catch((error) => {
      reportFailure(error)
      return null
    })
  const watchAudit = (write: Parameters<typeof anchorAudit>[1]['write']) => anchorAudit(db, { write })
  return {
    features,
    observe: evidence.observe,
    addressKey,
    authenticate: accounts.authenticate,
    accounts,
    holder,
    configStore,
    openSetup: openSetupLink,
    anchorAudit: watchAudit,
    start,
    close,
  }
}

const selfSimilarityTolerance = 1e-3

/** A stored vector must find itself. Throws `engine_failed`. */
function askIndex({ index }: Model): void {
  const { scores } = index.search(index.vector(0), { k: 1, ef: 256 })
  if (Math.abs(scores[0] - 1) > selfSimilarityTolerance) throw new DomainError('engine_failed', 'a stored item does not find itself')
}
