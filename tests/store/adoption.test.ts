import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { adopt, adoptionReport } from '../../server/pipeline/adoption'
import { listSavedProposals } from '../../server/store/adoption'
import { listAudit, verifyAuditChain } from '../../server/store/audit'
import { addDriftCounts, pruneDriftCounts, readDriftCounts } from '../../server/store/drift-count'
import { closeStore, type Db, openStore } from '../../server/store/open'
import { findProposal, insertProposals, type NewProposal } from '../../server/store/proposal'
import { writeTransaction } from '../../server/store/write-transaction'
import { temporaryDirectory } from '../artifacts/sample-version'

const now = new Date('2026-11-21T08:00:00.000Z')
const flush = async () => null
const proposal = (id: string, changes: Partial<NewProposal> = {}): NewProposal => ({
  id,
  version: '2026.11.21_1',
  epoch: 1,
  item: 'A',
  confidence: 0.9,
  abstained: false,
  candidates: JSON.stringify([{ id: 'A/1', o: ['F61', 'F40'], r: ['M1', null] }]),
  at: now.getTime(),
  ...changes,
})
const saved = (id: string, operations = ['F61', 'F40']) => ({
  proposal: id,
  candidate: 'A/1',
  routing: { steps: operations.map((operation) => ({ operation })) },
})
const write = (db: Db, ...rows: NewProposal[]) => writeTransaction(db, (tx) => insertProposals(tx, rows))
const fileStore = () => {
  const path = join(temporaryDirectory(), 'rw.sqlite')
  return { path, db: openStore(path) }
}

const actor = { id: 7, name: 'eva', requestId: null }

describe('saving a routing', () => {
  test('by two connections at once: every save is a revision of its own, and the audit is one chain', async () => {
    const { path, db } = fileStore()
    const other = openStore(path)
    await write(db, proposal('p'))
    const saves = Array.from({ length: 20 }, (_, at) => adopt(at % 2 ? db : other, saved('p'), { actor, now, flush }))
    const revisions = (await Promise.all(saves)).map(({ revision }) => revision)
    expect(revisions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
    expect(listAudit(db).length).toBe(20)
    expect(verifyAuditChain(other)).toBeNull()
    expect(listSavedProposals(db, { since: 0 })).toHaveLength(1)
    closeStore(other)
    closeStore(db)
  })

  test('leaves nothing behind when its audit row cannot be written', async () => {
    const { db } = fileStore()
    await write(db, proposal('p'))
    db.$client.run("CREATE TRIGGER no_more BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'no'); END")
    await expect(adopt(db, saved('p'), { actor, now, flush })).rejects.toThrow()
    expect(db.$client.query('SELECT * FROM adoptions').all()).toEqual([])
    closeStore(db)
  })

  test('on a full disk is storage_full, and goes on when there is room again', async () => {
    const { db } = fileStore()
    await write(db, proposal('p'))
    const { page_count: pages } = db.$client.query<{ page_count: number }, []>('PRAGMA page_count').get()!
    db.$client.run(`PRAGMA max_page_count = ${pages}`)
    const large = saved(
      'p',
      Array.from({ length: 1_000 }, (_, at) => `operation ${at}`),
    )
    await expect(adopt(db, large, { actor, now, flush })).rejects.toMatchObject({ code: 'storage_full', status: 507 })
    db.$client.run('PRAGMA max_page_count = 1073741823')
    expect(await adopt(db, large, { actor, now, flush })).toMatchObject({ revision: 1, savedSteps: 1_000 })
    closeStore(db)
  })

  test('while another process keeps the database locked is busy', async () => {
    const { path, db } = fileStore()
    await write(db, proposal('p'))
    const other = Bun.spawn([process.execPath, join(import.meta.dir, 'lock-holder.ts'), path, '30000'], { stdout: 'pipe' })
    await other.stdout.getReader().read()
    await expect(adopt(db, saved('p'), { actor, now, flush })).rejects.toMatchObject({ code: 'busy', status: 503 })
    other.kill('SIGKILL')
    await other.exited
    expect(await adopt(db, saved('p'), { actor, now, flush })).toMatchObject({ revision: 1, exact: true })
    closeStore(db)
  }, 20_000)

  test('from an answer without candidates: every step is added, and a share of nothing is no data', async () => {
    const { db } = fileStore()
    await write(db, proposal('p', { candidates: '[]', confidence: 0, abstained: true }))
    const answer = await adopt(db, { ...saved('p'), candidate: null }, { actor, now, flush })
    expect(answer).toMatchObject({ added: 2, keptShare: null, exact: false, firstExact: false, rank: null })
    expect(adoptionReport(db, { days: 1, now }).total).toMatchObject({ saved: 1, exactShare: 0, adoptionShare: null })
    closeStore(db)
  })

  test('stays when the proposal is let go', async () => {
    const { db } = fileStore()
    await write(db, proposal('p'))
    await adopt(db, saved('p'), { actor, now, flush })
    db.$client.run('DELETE FROM proposals')
    expect(adoptionReport(db, { days: 1, now }).total).toMatchObject({ saved: 1, exactShare: 1 })
    await expect(adopt(db, saved('p'), { actor, now, flush })).rejects.toMatchObject({ code: 'unknown_proposal' })
    // one that could only not be written yet was never unknown
    const full = async () => 'storage_full' as const
    await expect(adopt(db, saved('p'), { actor, now, flush: full })).rejects.toMatchObject({ code: 'storage_full' })
    closeStore(db)
  })
})

describe('the report', () => {
  test('takes the newest revision, of the days and the version that are asked for', async () => {
    const { db } = fileStore()
    await write(db, proposal('p'), proposal('q', { version: '2026.11.21_2', confidence: 0.3 }), proposal('r'))
    const at = (day: number) => ({ now: new Date(Date.UTC(2026, 10, day, 23, 59, 59)), actor, flush })
    await adopt(db, saved('p', ['F61', 'F40']), at(10))
    await adopt(db, saved('p', ['F61']), at(20))
    await adopt(db, saved('q', ['F61', 'F40']), at(21))
    await adopt(db, saved('r', ['F61', 'F40']), at(1))
    const report = adoptionReport(db, { days: 2, now })
    expect(report).toMatchObject({
      since: '2026-11-20',
      version: null,
      total: { saved: 2, exactShare: 0.5, meanEditDistance: 0.5, adoptionShare: 0.75 },
    })
    expect(report.days.map(({ day, saved, adoptionShare }) => [day, saved, adoptionShare])).toEqual([
      ['2026-11-20', 1, 0.5],
      ['2026-11-21', 1, 1],
    ])
    expect(report.bands[3]).toMatchObject({ saved: 1, confidence: 0.3, firstExactShare: 1 })
    expect(adoptionReport(db, { days: 2, version: '2026.11.21_2', now }).total.saved).toBe(1)
    expect(adoptionReport(db, { days: 30, now }).total.saved).toBe(3)
    expect(adoptionReport(db, { days: 1, version: '2020.01.01_1', now }).total.exactShare).toBeNull()
    closeStore(db)
  })
})

describe('proposals and counts', () => {
  test('of the same id are one; counts of several writers add up, by version and hour', async () => {
    const { path, db } = fileStore()
    const other = openStore(path)
    await write(db, proposal('p'))
    await write(other, proposal('p', { confidence: 0.1 }))
    expect(findProposal(db, 'p')).toMatchObject({ confidence: 0.9 })
    const add = (on: Db, hour: number, counts: number[], version = 'v') =>
      writeTransaction(on, (tx) => addDriftCounts(tx, { hour, version, counts }))
    await Promise.all(Array.from({ length: 10 }, (_, at) => add(at % 2 ? db : other, 7, [1, 0, 2])))
    await add(db, 9, [5, 5, 5])
    await add(db, 9, [9, 9, 9], 'w')
    const read = (since: number, size = 3) => [...readDriftCounts(other, { version: 'v', since, size })]
    expect([read(0), read(8), read(10)]).toEqual([
      [15, 5, 25],
      [5, 5, 5],
      [0, 0, 0],
    ])
    // slots of other files under the same name are not these
    expect(read(0, 4)).toEqual([0, 0, 0, 0])
    await writeTransaction(db, (tx) => pruneDriftCounts(tx, { before: 9 }))
    expect(read(0)).toEqual([5, 5, 5])
    closeStore(other)
    closeStore(db)
  })
})
