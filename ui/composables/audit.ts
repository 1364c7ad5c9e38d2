/** The audit trail: pages of lines, and whether the chain holds. */
import { useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { audit as en } from '../messages/audit-en'
import { audit as ko } from '../messages/audit-ko'
import { leavesOf } from './config-draft'
import { opsApi } from './ops-api'
import { useTexts } from './texts'

export const useAuditTexts = () => useTexts('audit', { en, ko })

const PAGE = 50

export const useAudit = ({ action, actor }: { action: Ref<string>; actor: Ref<string> }) =>
  useInfiniteQuery({
    queryKey: computed(() => ['audit', action.value, actor.value]),
    queryFn: ({ pageParam, signal }) => opsApi.audit({ before: pageParam, action: action.value, actor: actor.value, limit: PAGE }, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  })
export const useAuditChain = () => useQuery({ queryKey: ['audit-chain'], queryFn: ({ signal }) => opsApi.auditChain(signal) })

export interface DetailRow {
  name: string
  before: unknown
  after: unknown
}
const isTree = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)
const asLeaves = (value: unknown) => (isTree(value) ? leavesOf(value) : new Map([['', value]]))

const isChange = (value: unknown): value is { path: string; before: unknown; after: unknown } =>
  isTree(value) && 'path' in value && typeof value.path === 'string' && 'after' in value

/** Details as rows: what changed from what to what (`before` and `after`, or a list of `changes`), the rest as it is. Pure. */
export function detailRows(details: Readonly<Record<string, unknown>>): { changes: DetailRow[]; facts: [name: string, value: unknown][] } {
  const { before, after, changes: listed, ...rest } = details
  const named = Array.isArray(listed) && listed.every(isChange) ? listed : null
  const [old, now] = [asLeaves(before ?? {}), asLeaves(after ?? {})]
  const changes = [
    ...(named ?? []).map((change) => ({ name: change.path, before: change.before, after: change.after })),
    ...[...new Set([...old.keys(), ...now.keys()])].map((name) => ({ name, before: old.get(name), after: now.get(name) })),
  ]
  return {
    changes: changes.filter((row) => JSON.stringify(row.before) !== JSON.stringify(row.after)),
    facts: [...leavesOf(named === null && listed !== undefined ? { ...rest, changes: listed } : rest)],
  }
}
