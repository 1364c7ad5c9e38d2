import { describe, expect, test } from 'bun:test'
import type { DocumentKind } from '../../server/contract/document'
import { listAudit, verifyAuditChain } from '../../server/store/audit'
import {
  activateProfile,
  activeProfile,
  appendRevision,
  currentRevision,
  followRevision,
  getRevision,
  listRevisions,
} from '../../server/store/document'
import { type Db, openStore } from '../../server/store/open'

const now = new Date('2026-11-21T12:00:00Z')
const rules = { kind: 'rule_set', name: 'default' } as const

const append = (db: Db, content: string, change: Partial<Parameters<typeof appendRevision>[1]> = {}) =>
  appendRevision(db, {
    ...rules,
    ifRevision: null,
    make: () => ({ content, changes: [{ path: '/a', before: null, after: content }] }),
    action: 'rules.save',
    author: 'kim',
    note: '',
    now,
    ...change,
  })

describe('a document', () => {
  test('begins at revision 0 without any row, and grows by one', async () => {
    const db = openStore(':memory:')
    const follow = followRevision(db, 'rule_set')
    expect([currentRevision(db, 'rule_set'), follow(), listRevisions(db, rules)]).toEqual([null, null, []])
    expect(await append(db, '1', { ifRevision: 0 })).toMatchObject({ revision: 1, content: '1' })
    expect(await append(db, '2', { ifRevision: 1, note: 'why', revertOf: 1, requestId: 'r' })).toMatchObject({ revision: 2, revertOf: 1 })
    expect(currentRevision(db, 'rule_set')).toMatchObject({ name: 'default', revision: 2, content: '2', author: 'kim', note: 'why' })
    expect(follow()?.revision).toBe(2)
    expect(getRevision(db, { ...rules, revision: 1 }).content).toBe('1')
    expect(listRevisions(db, rules).map(({ revision }) => revision)).toEqual([2, 1])
    expect(listRevisions(db, { ...rules, before: 2 }).map(({ revision }) => revision)).toEqual([1])
    const [last, first] = listAudit(db)
    expect([first.action, first.subject, JSON.parse(first.details)]).toEqual([
      'rules.save',
      'rule_set/default',
      { revision: 1, changes: [{ path: '/a', before: null, after: '1' }] },
    ])
    expect(JSON.parse(last.details)).toMatchObject({ revision: 2, note: 'why', revertOf: 1, requestId: 'r' })
    expect(verifyAuditChain(db)).toBeNull()
  })

  test('refuses a change of a revision that is not the newest, and then writes nothing', async () => {
    const db = openStore(':memory:')
    await append(db, '1')
    await expect(append(db, '2', { ifRevision: 0 })).rejects.toMatchObject({ code: 'stale_revision' })
    await expect(append(db, '2', { ifRevision: 2 })).rejects.toMatchObject({ code: 'stale_revision' })
    const broken = append(db, '2', {
      make: () => {
        throw new Error('refused')
      },
    })
    await expect(broken).rejects.toThrow('refused')
    expect(await append(db, '2', { make: () => null })).toMatchObject({ revision: 1 })
    expect([listRevisions(db, rules).length, listAudit(db).length]).toEqual([1, 1])
    expect(() => getRevision(db, { ...rules, revision: 2 })).toThrow(expect.objectContaining({ code: 'revision_unknown' }))
  })

  test('a revision cannot be changed, taken away or left out, not even in the database itself', async () => {
    const db = openStore(':memory:')
    await append(db, '1')
    expect(() => db.$client.run("UPDATE document_revisions SET content = 'x'")).toThrow('append-only')
    expect(() => db.$client.run('DELETE FROM document_revisions')).toThrow('append-only')
    expect(() =>
      db.$client.run(
        'INSERT INTO document_revisions SELECT document_id, 3, content, sha256, author, note, at, null FROM document_revisions',
      ),
    ).toThrow('append-only')
  })

  test('has named profiles, of which one is active', async () => {
    const db = openStore(':memory:')
    await append(db, '1')
    await append(db, '2', { name: 'night' })
    expect([activeProfile(db, 'rule_set'), currentRevision(db, 'rule_set')?.content]).toEqual(['default', '1'])
    await activateProfile(db, { kind: 'rule_set', name: 'night', author: 'kim', now })
    expect([activeProfile(db, 'rule_set'), currentRevision(db, 'rule_set')?.content]).toEqual(['night', '2'])
    expect(JSON.parse(listAudit(db, { limit: 1 })[0].details)).toEqual({
      changes: [{ path: '/active', before: 'default', after: 'night' }],
    })
    await expect(activateProfile(db, { kind: 'rule_set', name: 'none', author: 'kim', now })).rejects.toMatchObject({
      code: 'revision_unknown',
    })
    const other: DocumentKind = 'input_mapping'
    expect(activeProfile(db, other)).toBeNull()
    expect(() => db.$client.run('UPDATE documents SET active = 1')).toThrow('UNIQUE')
  })
})
