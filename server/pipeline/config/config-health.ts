/** What health says of the configuration. A process answers with the last good one whatever happens: it warns at most. */
import type { HealthCheck } from '../../contract/health'
import type { ConfigStatus } from './config-store'

type Check = Omit<HealthCheck, 'time'>

/** Workers whose revision or hash differ show here, each in its own answer. */
export function checkConfig({ revision, sha256, ageMs, problem, mirrorProblem }: ConfigStatus): [name: string, check: Check][] {
  return [
    [
      'config:revision',
      {
        status: problem === null ? 'pass' : 'warn',
        componentId: sha256.slice(0, 16),
        observedValue: revision,
        observedUnit: 'revision',
        ...(problem !== null && { output: problem }),
      },
    ],
    ['config:age', { status: ageMs <= ageMsMax ? 'pass' : 'warn', observedValue: Math.round(ageMs), observedUnit: 'ms' }],
    [
      'config:mirror',
      {
        status: mirrorProblem === null ? 'pass' : 'warn',
        componentId: 'runtime_config.json',
        ...(mirrorProblem !== null && { output: mirrorProblem }),
      },
    ],
  ]
}

/** Under load the timers of a process are late; what it answers with is asked for again before it is 100 ms old. */
const ageMsMax = 1_000
