/** What becomes of the records of answers. */
import type { RecorderStatus } from '../recorder'
import type { NamedCheck } from './check'

/** Predictions do not need it: it warns at most. */
export function checkRecorder({ buffered, bufferedMax, dropped, lastFlush, problem }: RecorderStatus): NamedCheck[] {
  const lost = dropped.proposals + dropped.requests > 0
  const waits = { observedValue: buffered, observedUnit: 'proposals' }
  return [
    [
      'records:buffered',
      { status: problem !== null || buffered > bufferedMax / 2 ? 'warn' : 'pass', ...waits, ...(problem && { output: problem }) },
    ],
    [
      'records:dropped',
      {
        status: lost ? 'warn' : 'pass',
        observedValue: dropped.proposals,
        observedUnit: 'proposals',
        ...(lost && { output: `and the counts of ${dropped.requests} requests, since the start of the process` }),
      },
    ],
    ['records:lastFlush', { status: 'pass', observedValue: lastFlush?.toISOString() ?? 'never' }],
  ]
}
