/**
 * A serving process among the others: it says what it serves (at least every second) and takes part in switches: it opens the
 * version, asks its golden queries and says how that went. A database that cannot be written disturbs nobody.
 */
import { DomainError } from '../../domain/error'
import { getIntent, saveAnswer } from '../../store/activation-intent'
import type { Db } from '../../store/open'
import { removeWorker, saveWorkerSign, type WorkerSign } from '../../store/worker-state'
import type { HolderStatus } from '../model-holder'
import { failureOf } from '../registry'

/** What a member needs of the holder of its model. */
export interface MemberModel {
  status: () => HolderStatus
  prepare: (version: string) => Promise<void>
  unprepare: () => void
}

export interface MemberOptions {
  db: Db
  bootId: string
  /** Number among the workers; 0 when it is the only one. */
  worker: number
  model: MemberModel
  configRevision: () => number
  isStopping: () => boolean
  /** An error that is no problem of the database: our own. */
  reportFailure: (error: unknown) => void
  pid?: number
  now?: () => Date
}

const SIGN_MS = 1_000
/** How often a change is looked for. */
const LOOK_MS = 25

export class Member {
  readonly #options: Required<MemberOptions>
  readonly #startedAt: number
  #timer: Timer | null = null
  #written = ''
  #writtenAt = 0
  #writing: Promise<void> | null = null
  /** The switch that is being prepared, as last seen, and the one that this member takes part in. */
  #open: number | null = null
  #joined: number | null = null
  #joining: Promise<void> | null = null

  constructor({ pid = process.pid, now = () => new Date(), ...options }: MemberOptions) {
    this.#options = { pid, now, ...options }
    this.#startedAt = now().getTime()
  }

  /** Says for the first time what it serves, and goes on. */
  async start(): Promise<void> {
    await this.sign()
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
  }

  /** Told with each look at the registry which switch is being prepared. */
  see(intent: number | null): void {
    this.#open = intent
  }

  /** Writes what it serves now. Never throws. */
  sign(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null
    })
    return this.#writing
  }

  /** Ends in good order: nobody waits for it any more. */
  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer)
    await this.#joining
    await this.#writing
    await removeWorker(this.#options.db, this.#options.bootId).catch((error) => this.#ours(error))
  }

  #look(): void {
    if (this.#open === null && this.#joined !== null && this.#joining === null) {
      this.#joined = null
      // when it was committed the version serves by now, and this does nothing
      this.#options.model.unprepare()
    }
    if (this.#open !== null && this.#open !== this.#joined && this.#joining === null) {
      this.#joining = this.#join(this.#open)
        .catch((error) => this.#ours(error))
        .finally(() => {
          this.#joining = null
        })
    }
    const sign = JSON.stringify(this.#sign())
    if (sign !== this.#written || performance.now() - this.#writtenAt >= SIGN_MS) void this.sign()
  }

  async #join(id: number): Promise<void> {
    const { db, bootId, model, now } = this.#options
    const intent = getIntent(db, id)
    // its bytes are still being read
    if (intent?.steps.find(({ step }) => step === 'prepare')?.status !== 'running') return
    this.#joined = id
    const startedAt = performance.now()
    let failure: { code: string; reason: string } | null = null
    try {
      await model.prepare(intent.version)
    } catch (error) {
      if (!(error instanceof DomainError)) this.#options.reportFailure(error)
      failure = failureOf(error)
    }
    const answer = {
      intentId: id,
      bootId,
      prepared: failure === null,
      failureCode: failure?.code ?? null,
      failureReason: failure?.reason ?? null,
      prepareMs: performance.now() - startedAt,
    }
    // who cannot say so would hold up the others: while the switch waits, it says so again
    while (this.#open === id) {
      try {
        return await saveAnswer(db, answer, now())
      } catch (error) {
        this.#ours(error)
        await Bun.sleep(LOOK_MS)
      }
    }
  }

  #sign(): WorkerSign {
    const { bootId, worker, pid, model, configRevision, isStopping } = this.#options
    const { serving, mapped, draining } = model.status()
    return {
      bootId,
      worker,
      pid,
      startedAt: this.#startedAt,
      version: serving?.version ?? null,
      epoch: serving?.epoch ?? 0,
      configRevision: configRevision(),
      mapped,
      draining,
      stopping: isStopping(),
    }
  }

  async #write(): Promise<void> {
    const sign = this.#sign()
    try {
      await saveWorkerSign(this.#options.db, sign, this.#options.now())
      this.#written = JSON.stringify(sign)
    } catch (error) {
      this.#ours(error)
    } finally {
      this.#writtenAt = performance.now()
    }
  }

  /** What the database has against it is health's business. */
  #ours(error: unknown): void {
    if (!(error instanceof DomainError)) this.#options.reportFailure(error)
  }
}
