/** The runtime configuration of a process: what is valid now, how it came to that, and its changes. */
import { performance } from 'node:perf_hooks'
import type { ConfigDiff, ConfigHistory, ConfigRevision, CurrentConfig } from '../../contract/runtime-config'
import type { Actor } from '../../domain/actor'
import { diffValues } from '../../domain/value-diff'
import { getRevision, listRevisions, type StoredRevision } from '../../store/document'
import type { Db } from '../../store/open'
import { type PatchInput, patchConfig, type RevertInput, revertConfig } from './config-change'
import { type FollowerEvent, type FollowerStatus, followConfig } from './config-follower'
import { createMirror, type MirrorEvent } from './config-mirror'
import { type ConfigSnapshot, configDocument, contentOf, defaultSnapshot, openSnapshot, showSnapshot } from './snapshot'

export type ConfigEvent = FollowerEvent | MirrorEvent

export interface ConfigStoreOptions {
  db: Db
  /** Of `runtime_config.json`; null writes none. */
  mirrorPath: string | null
  report?: (event: ConfigEvent) => void
  /** Every worker obeys within 100 ms: this, and the time until its turn comes. */
  pollMs?: number
  /** How often the mirror is looked at. */
  mirrorCheckMs?: number
  /** Monotonic milliseconds. */
  now?: () => number
}

export interface ConfigStatus extends FollowerStatus {
  /** Why the mirror is not what is valid; null when it is. */
  mirrorProblem: string | null
}

type Change<Input> = (by: Actor, input: Omit<Input, 'now'>) => Promise<CurrentConfig>

export interface ConfigStore {
  /** What is valid at this moment: take it once a request, in the same turn as the model. */
  current(): ConfigSnapshot
  show(): CurrentConfig
  patch: Change<PatchInput>
  revert: Change<RevertInput>
  /** The newest first. */
  history(query?: { before?: number; limit?: number }): ConfigHistory
  /** @throws revision_unknown */
  revision(revision: number): ConfigRevision
  /** @throws revision_unknown */
  diff(from: number, to: number): ConfigDiff
  status(): ConfigStatus
  /** Begins to follow the database and writes the mirror. */
  start(): void
  close(): Promise<void>
}

export function createConfigStore({
  db,
  mirrorPath,
  report = () => {},
  pollMs = 20,
  mirrorCheckMs = 5_000,
  now = performance.now.bind(performance),
}: ConfigStoreOptions): ConfigStore {
  const mirror = createMirror({ path: mirrorPath, report })
  let isStarted = false
  const onChange = (snapshot: ConfigSnapshot) => {
    if (isStarted) mirror.write(snapshot)
  }
  const follower = followConfig({ db, report, onChange, now })
  const timers: Timer[] = []
  const stored = (revision: number) => (revision === 0 ? null : getRevision(db, { ...configDocument, revision }))
  const snapshotOf = (found: StoredRevision | null): ConfigSnapshot => (found === null ? defaultSnapshot : openSnapshot(found))
  const change =
    <Input>(act: (db: Db, by: Actor, input: Input) => Promise<ConfigSnapshot>): Change<Input> =>
    async (by, input) => {
      const changed = await act(db, by, { ...input, now: new Date() } as Input)
      // who changed it sees it at once
      follower.poll()
      return showSnapshot(changed)
    }
  return {
    current: follower.current,
    show: () => showSnapshot(follower.current()),
    patch: change(patchConfig),
    revert: change(revertConfig),
    history: (query = {}) => ({ revisions: listRevisions(db, { ...configDocument, ...query }) }),
    revision: (revision) => {
      const snapshot = snapshotOf(stored(revision))
      return { ...showSnapshot(snapshot), head: snapshot.head }
    },
    diff: (from, to) => ({ from, to, changes: diffValues(contentOf(stored(from)), contentOf(stored(to))) }),
    status: () => ({ ...follower.status(), mirrorProblem: mirror.problem() }),
    start: () => {
      isStarted = true
      mirror.write(follower.current())
      timers.push(setInterval(follower.poll, pollMs), setInterval(mirror.check, mirrorCheckMs))
    },
    close: async () => {
      for (const timer of timers.splice(0)) clearInterval(timer)
      await mirror.settled()
    },
  }
}
