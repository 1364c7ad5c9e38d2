/** What a step of a switch says of itself: a code with its numbers for screens, and the same in English for the command line and logs. */
import type { ActivationStep, StepNoteCode } from '../contract/activation'

export type SwitchNote = Required<Pick<ActivationStep, 'note' | 'told'>>
type Values = Record<string, number>

const whole = (value: number) => value.toLocaleString('en')
const percent = (share: number) => `${(100 * share).toFixed(1)} %`

const sentences = {
  files_read: ({ bytes }) => `${(bytes / 1e6).toFixed(1)} MB read`,
  files_unchanged: () => 'unchanged since they were read',
  workers_ready: ({ ready, all }) => `${ready} of ${all} workers`,
  workers_late: ({ behind, all }) => `${behind} of ${all} workers do not serve it yet`,
  not_worse: () => 'not worse than the version before',
  not_compared: () => 'has no quality report and was not compared',
  no_figures: () => 'there are no held-out figures to compare it with the version before',
  forced: () => 'forced although clearly worse',
  going_back: () => 'going back',
  epoch: ({ epoch }) => `epoch ${epoch}`,
  drained: () => 'no answer of the old version is under way',
  draining: ({ batches }) => `${batches} batches still use the old version`,
  watched: ({ requests, failed }) => `${whole(requests)} requests, ${whole(failed)} failed`,
  requests_failed: ({ requests, failed }) => `${whole(failed)} of ${whole(requests)} requests failed`,
  answers_empty: ({ share, requests, before }) =>
    `${percent(share)} of ${whole(requests)} answers were empty, ${percent(before)} with the version before`,
  answers_slow: ({ share, requests, before }) =>
    `${percent(share)} of ${whole(requests)} answers were slow, ${percent(before)} with the version before`,
} satisfies Record<StepNoteCode, (values: Values) => string>

/** `text`: in place of the sentence of the code, where it says more. */
export const switchNote = (code: StepNoteCode, values: Values = {}, text?: string): SwitchNote => ({
  note: text ?? sentences[code](values),
  told: { code, values },
})
