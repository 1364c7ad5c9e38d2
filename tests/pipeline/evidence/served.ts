/** A request as the figures see it, and a database for them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServedRequest } from '../../../server/domain/served-request'
import { closeStore, openStore } from '../../../server/store/open'

export const served = (changes: Partial<ServedRequest> = {}): ServedRequest => ({
  requestId: 'abcd-1234',
  method: 'POST',
  route: '/api/v1/predict',
  status: 200,
  problem: null,
  latencyMs: 10,
  stages: { search: 4, compose: 5 },
  activeVersion: '2026.01.31_1',
  epoch: 1,
  configRevision: 0,
  efSearch: 96,
  k: 10,
  cache: 'miss',
  bytesIn: 100,
  bytesOut: 2_000,
  ...changes,
})

export function openDatabase() {
  const directory = mkdtempSync(join(tmpdir(), 'evidence-'))
  const path = join(directory, 'db.sqlite')
  const db = openStore(path)
  const remove = () => {
    closeStore(db)
    rmSync(directory, { recursive: true })
  }
  return { db, path, directory, remove }
}

export const fail = (error: unknown): never => {
  throw error
}
