/**
 * Versions made worse on purpose, each from a good one, with hashes that agree wherever the fault is not a matter of hashes. Each is
 * activated over the API while clients ask: the checks must refuse it by code, and the version that serves must go on. Two more pass
 * all checks and fail when they are asked: they must be taken back by themselves within 15 s.
 *
 *     bun bench/drills/bad-versions.ts [--items 2000] [--small] [--json]
 */
import { chmodSync, cpSync, readdirSync, readFileSync, renameSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { tableFromIPC } from 'apache-arrow'
import { manifestText, parseManifest } from '../../server/artifacts/manifest-text'
import type { Activated } from '../../server/contract/activation'
import type { Manifest } from '../../server/contract/manifest'
import type { ModelList } from '../../server/contract/version'
import { finish, placeFlags, serveProduct } from '../measure/program'
import { beginReport, printReport, type Row, say } from '../measure/report'
import { inWorkspace, trainOn, writeSamplePlant } from '../measure/sample-plant'
import { adminHeaders, makeAdmin, makeKey } from './admin-access'

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '2000' },
    small: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const items = values.small ? 300 : Number(values.items)
const takenBackMsMax = 15_000
const clients = 4

/** One way to make a version worse; `before` it is registered hashes are made to agree, `after` they are not. */
interface Fault {
  name: string
  code: string | null
  before?: (directory: string) => void
  manifest?: (manifest: Manifest) => void
  after?: (directory: string) => void
}

const faults: Fault[] = [
  { name: 'a file is missing', code: 'artifact_missing', after: (at) => unlinkSync(join(at, 'vectors.f32')) },
  {
    name: 'one bit is flipped',
    code: 'artifact_corrupt',
    after: (at) => editBytes(join(at, 'index.usearch'), (bytes) => (bytes[bytes.length >> 1] ^= 1)),
  },
  { name: 'a file ends early', code: 'artifact_corrupt', after: (at) => truncateSync(join(at, 'vectors.f32'), 1_000) },
  {
    name: 'the manifest was changed',
    code: 'manifest_invalid',
    after: (at) => {
      const path = join(at, 'manifest.json')
      writeFileSync(path, readFileSync(path, 'utf8').replace(/"items":\s*(\d+)/, '"items":1'))
    },
  },
  {
    name: 'wrong dimensions',
    code: 'artifact_mismatch',
    manifest: (manifest) => {
      manifest.dimensions += 1
    },
  },
  {
    name: 'wrong count of items',
    code: 'artifact_mismatch',
    manifest: (manifest) => {
      manifest.counts.items += 1
    },
  },
  {
    name: 'permuted labels: vectors of other items',
    code: 'golden_failed',
    before: (at) => editColumn(join(at, 'vector_items.arrow'), 'item', (rows) => rows.reverse()),
  },
  {
    name: 'permuted labels: keys of other items',
    code: 'golden_failed',
    before: (at) => editText(join(at, 'items.arrow'), 'key', (bytes) => rotateKeys(bytes)),
  },
  { name: 'permuted vectors', code: 'golden_failed', before: permuteVectors },
  {
    name: 'what was learned cannot be used',
    code: 'golden_failed',
    before: (at) => editJson(join(at, 'learned.json'), (learned) => ({ ...learned, timeRegression: {} })),
  },
  {
    name: 'every request fails, no golden query tells',
    code: null,
    before: (at) => {
      editJson(join(at, 'learned.json'), (learned) => ({ ...learned, timeRegression: {} }))
      writeFileSync(join(at, 'golden.jsonl'), '')
    },
  },
  {
    name: 'some requests fail, no golden query tells',
    code: null,
    before: (at) => {
      editJson(join(at, 'learned.json'), (learned) => ({ ...learned, certainty: {} }))
      writeFileSync(join(at, 'golden.jsonl'), '')
    },
  },
]

function editBytes(path: string, edit: (bytes: Uint8Array) => void): void {
  const bytes = new Uint8Array(readFileSync(path))
  edit(bytes)
  writeFileSync(path, bytes)
}

/** Changes the values of a column where they lie in the file. */
function editColumn(path: string, column: string, edit: (values: Uint32Array) => void): void {
  editBytes(path, (bytes) => edit(tableFromIPC(bytes).getChild(column)!.data[0].values as Uint32Array))
}
const editText = (path: string, column: string, edit: (bytes: Uint8Array) => void) => editColumn(path, column, edit as never)

function editJson(path: string, edit: (value: Record<string, unknown>) => unknown): void {
  writeFileSync(path, JSON.stringify(edit(JSON.parse(readFileSync(path, 'utf8')))))
}

/** Every item gets the key of another one: the characters of all keys, moved on by half. */
function rotateKeys(bytes: Uint8Array): void {
  const half = bytes.length >> 1
  bytes.set([...bytes.subarray(half), ...bytes.subarray(0, half)])
}

function permuteVectors(at: string): void {
  const { dimensions } = JSON.parse(readFileSync(join(at, 'manifest.json'), 'utf8')) as Manifest
  editBytes(join(at, 'vectors.f32'), (bytes) => {
    const row = dimensions * 4
    const copy = bytes.slice()
    for (let from = 0; from < bytes.length; from += row) bytes.set(copy.subarray(from, from + row), bytes.length - row - from)
  })
}

/** A copy of a version under another name, made worse; its manifest tells what lies there. */
function worsen(models: string, from: string, name: string, { before, manifest: change }: Fault): string {
  const draft = join(models, '.staging', name)
  cpSync(join(models, from), draft, { recursive: true })
  chmodSync(draft, 0o755)
  for (const file of readdirSync(draft)) chmodSync(join(draft, file), 0o644)
  before?.(draft)
  const manifest = parseManifest(readFileSync(join(draft, 'manifest.json'), 'utf8'))
  manifest.version = name
  change?.(manifest)
  for (const file of Object.keys(manifest.files)) {
    const bytes = readFileSync(join(draft, file))
    manifest.files[file] = {
      ...manifest.files[file],
      bytes: bytes.length,
      sha256: new Bun.CryptoHasher('sha256').update(bytes).digest('hex'),
    }
  }
  writeFileSync(join(draft, 'manifest.json'), manifestText(manifest))
  renameSync(draft, join(models, name))
  return join(models, name)
}

await inWorkspace('bad-versions', async (workspace) => {
  const head = beginReport('bad-versions', 'Does a version that was made worse ever serve, and for how long?')
  say('a plant, a version …')
  const { path } = await writeSamplePlant(workspace.folder, items)
  const { version: good } = (await trainOn(path, workspace, { activate: true, smoke: true })).answer
  await makeAdmin(workspace.database)
  const key = await makeKey(workspace.database)
  const served = await serveProduct('routewright', workspace, { workers: 2 })
  const call = (route: string, headers: Record<string, string>, body?: unknown) =>
    fetch(new URL(route, served.origin), {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  const traffic = { stopping: false, answers: 0, failures: 0, firstFailureAt: 0, wrong: 0, expected: new Set([good]) }
  const client = async (known: string[]) => {
    for (let nth = 0; !traffic.stopping; nth++) {
      const answer = await call('/api/v1/predict', key, { item: known[Math.floor(Math.random() * known.length)], topK: 3 + (nth % 20) })
      const { version } = (await answer.json()) as { version?: string }
      traffic.answers++
      if (answer.status >= 500) {
        traffic.failures++
        traffic.firstFailureAt ||= performance.now()
      } else if (!traffic.expected.has(version ?? '')) traffic.wrong++
    }
  }
  try {
    const admin = await adminHeaders(served.origin)
    const list = (await (await call('/api/v1/items?limit=100', key)).json()) as { items: { item: string }[] }
    const known = list.items.map(({ item }) => item)
    const running = Array.from({ length: clients }, () => client(known))
    const state = async () => (await (await call('/api/v1/models', { ...admin })).json()) as ModelList
    const refused: Row[] = []
    const takenBack: Row[] = []
    for (const [nth, fault] of faults.entries()) {
      const name = `${good.split('_')[0]}_bad-${nth + 1}`
      const directory = worsen(workspace.models, good, name, fault)
      await finish('models', 'register', name, ...placeFlags(workspace))
      fault.after?.(directory)
      const { epoch } = (await state()).state
      Object.assign(traffic, { failures: 0, firstFailureAt: 0, answers: 0 })
      if (fault.code === null) traffic.expected.add(name)
      const answer = await call(`/api/v1/models/${name}/activate`, admin, { why: fault.name })
      const said = (await answer.json()) as Activated & { code?: string }
      if (fault.code !== null) {
        const { state: now, versions } = await state()
        const status = versions.find(({ version }) => version === name)?.status
        const ok = said.code === fault.code && now.active === good && now.epoch === epoch && status === 'failed' && traffic.failures === 0
        refused.push({
          fault: fault.name,
          answer: answer.status,
          code: said.code ?? '',
          expected: fault.code,
          marked: status,
          failures: traffic.failures,
          ok,
        })
        say(`${fault.name}: ${said.code}`)
        continue
      }
      const activated = answer.status === 200
      const deadline = performance.now() + 2 * takenBackMsMax
      let now = await state()
      while (activated && now.state.active !== good && performance.now() < deadline) {
        await Bun.sleep(50)
        now = await state()
      }
      const ms = performance.now() - traffic.firstFailureAt
      const last = now.ledger[0]
      const ok = activated && now.state.active === good && ms <= takenBackMsMax && last.kind === 'auto_rollback'
      takenBack.push({
        fault: fault.name,
        seconds: Math.round(ms / 100) / 10,
        failures: traffic.failures,
        answers: traffic.answers,
        why: last.why,
        by: last.who,
        ok,
      })
      say(`${fault.name}: taken back after ${Math.round(ms)} ms`)
      await Bun.sleep(500)
      traffic.expected.delete(name)
    }
    traffic.stopping = true
    await Promise.all(running)
    const ok = [...refused, ...takenBack].every((row) => row.ok) && traffic.wrong === 0
    printReport(
      {
        ...head,
        data: `sample plant of ${items} items, 2 workers, ${clients} clients`,
        warmUp: 'none',
        repetitions: '1',
        sections: [
          { title: 'Refused before it serves', rows: refused },
          { title: `Taken back by itself (at most ${takenBackMsMax / 1000} s after the first failure)`, rows: takenBack },
          { title: 'Answers of a version that must not serve', rows: [{ answers: traffic.wrong }] },
        ],
        notes: [ok ? 'good: no bad version served, or stayed' : 'NOT GOOD'],
      },
      values,
    )
    process.exitCode = ok ? 0 : 1
  } finally {
    traffic.stopping = true
    await served.stop()
  }
})
