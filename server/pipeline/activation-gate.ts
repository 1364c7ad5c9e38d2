/** A version is held against the one that serves before it may take its place. */
import type { StepNoteCode } from '../contract/activation'
import type { QualityReport } from '../contract/quality'
import { DomainError } from '../domain/error'
import { compareQuality } from '../domain/evaluation/quality-comparison'
import type { Db } from '../store/open'
import { findQuality } from './version-quality'

export interface Gate {
  /** For people; null when there is nothing to say. */
  warning: string | null
  /** Added to the reason in the ledger; empty when nothing was overruled. */
  note: string
  /** What the step of the switch says. */
  code: StepNoteCode
}

export const passed: Gate = { warning: null, note: '', code: 'not_worse' }

interface GateInput {
  version: string
  /** The version that serves; null at the first activation. */
  active: string | null
  force: boolean
}

/**
 * Versions without a quality report (made by hand, or older) pass with a warning: what was not measured is not worse.
 * @throws quality_worse with the figures, unless forced
 */
export async function gateActivation(db: Db, modelsDirectory: string, { version, active, force }: GateInput): Promise<Gate> {
  const report = await findQuality(db, modelsDirectory, version)
  if (report === null) return { warning: `version ${version} has no quality report and was not compared`, note: '', code: 'not_compared' }
  const { verdict, reasons } = compareQuality(
    { version, report },
    { version: active ?? '', report: active === null ? null : await activeQuality(db, modelsDirectory, active) },
  )
  if (verdict === 'worse') {
    if (force)
      return { warning: `forced although clearly worse: ${reasons.join('; ')}`, note: `(forced: ${reasons.join('; ')})`, code: 'forced' }
    throw new DomainError(
      'quality_worse',
      'the version is clearly worse than it must be; --force with a reason activates it all the same',
      {
        details: reasons.map((message) => ({ path: 'quality.json', message })),
      },
    )
  }
  if (verdict === 'unknown' && active !== null) {
    return { warning: `there are no held-out figures to compare version ${version} with version ${active}`, note: '', code: 'no_figures' }
  }
  return passed
}

/** The folder of the version that steps down may be gone or damaged: that is why it is being replaced. */
async function activeQuality(db: Db, modelsDirectory: string, active: string): Promise<QualityReport | null> {
  try {
    return await findQuality(db, modelsDirectory, active)
  } catch (error) {
    if (error instanceof DomainError) return null
    throw error
  }
}
