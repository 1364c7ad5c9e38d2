/** How far a switch is, step by step with times: written with each change and every second, which is also how its leader shows that it lives. */
import type { ActivationStep } from '../../contract/activation'
import { DomainError } from '../../domain/error'
import type { SwitchNote } from '../../domain/switch-note'
import { saveSteps } from '../../store/activation-intent'
import type { Db } from '../../store/open'

type Step = ActivationStep['step']
export interface Progress {
  begin: (step: Step) => Promise<void>
  /** Changes the words of a running step. */
  note: (step: Step, note: SwitchNote) => Promise<void>
  /** Ends a step; not written before the next one begins. */
  finish: (step: Step, note?: SwitchNote) => void
  /** A step that was timed elsewhere: after the commit the switch is nobody's any more. */
  ended: (step: Step, ms: number, note: SwitchNote) => void
  skip: (step: Step, note: SwitchNote) => void
  /** Whatever runs has failed. */
  fail: (note: string) => ActivationStep[]
  steps: () => ActivationStep[]
  stop: () => void
}

const BEAT_MS = 1_000

export interface ProgressOptions {
  db: Db
  intent: { id: number; steps: ActivationStep[] }
  /** Monotonic milliseconds. */
  clock: () => number
}

/** Its writes throw `version_conflict` when the switch was given up meanwhile, and what the database throws. */
export function trackProgress({ db, intent, clock }: ProgressOptions): Progress {
  const steps = intent.steps.map((step) => ({ ...step }))
  const startedAt = new Map<Step, number>()
  const find = (name: Step) => steps.find(({ step }) => step === name)!
  const current = () => {
    for (const one of steps) if (one.status === 'running') one.ms = elapsed(one.step)
    return steps.map((step) => ({ ...step }))
  }
  const elapsed = (step: Step) => Math.round((clock() - (startedAt.get(step) ?? clock())) * 10) / 10
  const save = async () => {
    const ours = await saveSteps(db, { id: intent.id, status: 'preparing', steps: current() })
    if (!ours) throw new DomainError('version_conflict', 'the switch was given up meanwhile')
  }
  // a beat that cannot be written is missed; the next write of a step tells
  const beat = setInterval(() => void save().catch(() => {}), BEAT_MS)
  const end = (name: Step, status: 'done' | 'failed' | 'skipped', note: Partial<SwitchNote> = {}) => {
    const step = find(name)
    if (startedAt.has(name)) step.ms = elapsed(name)
    Object.assign(step, { status, ...note })
  }
  return {
    begin: (name) => {
      startedAt.set(name, clock())
      Object.assign(find(name), { status: 'running', note: '' })
      return save()
    },
    note: async (name, note) => {
      if (find(name).note === note.note) return
      Object.assign(find(name), note)
      await save()
    },
    finish: (name, note) => end(name, 'done', note),
    ended: (name, ms, note) => void Object.assign(find(name), { status: 'done', ms: Math.round(ms * 10) / 10, ...note }),
    skip: (name, note) => end(name, 'skipped', note),
    fail: (note) => {
      // what it said while it ran is no longer so
      for (const { step, status } of steps) if (status === 'running') end(step, 'failed', { note, told: undefined })
      return current()
    },
    steps: current,
    stop: () => clearInterval(beat),
  }
}
