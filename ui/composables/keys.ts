/** Keys of programs, and what state one is in. */
import { useQuery } from '@tanstack/vue-query'
import type { ApiKey } from '../../server/contract/api-key'
import { keys as en } from '../messages/keys-en'
import { keys as ko } from '../messages/keys-ko'
import { peopleApi } from './people-api'
import { useTexts } from './texts'

export const useKeyTexts = () => useTexts('keys', { en, ko })
export const useKeys = () => useQuery({ queryKey: ['keys'], queryFn: ({ signal }) => peopleApi.keys(signal) })

const SOON_MS = 14 * 86_400_000

/** Pure. */
export function keyState(
  { revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>,
  now: number,
): 'active' | 'soon' | 'expired' | 'revoked' {
  if (revokedAt !== null) return 'revoked'
  const left = expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt) - now
  return left <= 0 ? 'expired' : left < SOON_MS ? 'soon' : 'active'
}
