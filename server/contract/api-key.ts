/** Keys of machine clients (ERP, MES, scripts): `Authorization: Bearer rw_<id>_<secret>`. Shown once; only a hash is kept. */
import { type Static, Type } from '@sinclair/typebox'
import { Instant, literals, Nullable, strict } from './schema'

/** predict: drafts, similar items, times. read: versions, quality, configuration, metrics. export: routings for the ERP. */
export const keyScopes = ['predict', 'read', 'export'] as const
export type KeyScope = (typeof keyScopes)[number]

export const ApiKey = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    scopes: Type.Array(literals(keyScopes)),
    createdBy: Type.String(),
    createdAt: Instant,
    expiresAt: Nullable(Instant),
    lastUsedAt: Nullable(Instant),
    revokedAt: Nullable(Instant),
  },
  { $id: 'ApiKey' },
)
export type ApiKey = Static<typeof ApiKey>
export const ApiKeyList = Type.Object({ keys: Type.Array(ApiKey, { maxItems: 200 }) }, { $id: 'ApiKeyList' })
export type ApiKeyList = Static<typeof ApiKeyList>

export const ApiKeyRequest = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    scopes: Type.Array(literals(keyScopes), { minItems: 1, maxItems: 3, uniqueItems: true }),
    expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
  },
  { ...strict, $id: 'ApiKeyRequest' },
)
export type ApiKeyRequest = Static<typeof ApiKeyRequest>
/** `key` is shown this once. */
export const CreatedApiKey = Type.Object({ key: Type.String(), apiKey: ApiKey }, { $id: 'CreatedApiKey' })
export type CreatedApiKey = Static<typeof CreatedApiKey>
