/** Whether what serves is what the registry says, and how long ago it was asked. */
import type { HolderStatus } from '../model-holder'
import type { Check } from './check'

/** A process that cannot read the registry for so long may miss an activation and must not take requests. */
export const registryAgeMsMax = 5_000

export function checkAgreement({ serving, target, refusal }: HolderStatus): Check {
  if (refusal) {
    return {
      status: serving === null ? 'fail' : 'warn',
      observedValue: refusal.version,
      output: `${refusal.version} (epoch ${refusal.epoch}) is active but was refused: ${refusal.code}, ${refusal.message}`,
    }
  }
  if (serving === null) return { status: 'fail', output: 'no version is active' }
  if (target !== null && target.epoch !== serving.epoch) return { status: 'warn', output: `epoch ${target.epoch} is being opened` }
  return { status: 'pass', observedValue: serving.epoch, observedUnit: 'epoch' }
}

export function checkAge({ registryAgeMs }: HolderStatus): Check {
  const observed = { observedValue: Math.round(registryAgeMs), observedUnit: 'ms' }
  if (registryAgeMs <= registryAgeMsMax) return { status: 'pass', ...observed }
  return { status: 'fail', ...observed, output: 'the registry was not read for too long' }
}
