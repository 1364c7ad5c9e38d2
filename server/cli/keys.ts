/** `routewright keys`: keys of machine clients, and the keys that sign sessions. */
import { Value } from '@sinclair/typebox/value'
import { defineCommand } from 'citty'
import { type ApiKey, ApiKeyRequest, keyScopes } from '../contract/api-key'
import type { Actor } from '../domain/actor'
import { DomainError } from '../domain/error'
import { allKeys, createKey, endKey } from '../pipeline/accounts/keys'
import { appendAudit } from '../store/audit'
import { writeTransaction } from '../store/write-transaction'
import { databaseArgs, databasePathOf, print, withDatabase } from './database'
import { operator } from './operator'
import { formatTable } from './table'

const by = (): { actor: Actor; now: Date } => ({ actor: { id: null, name: operator(), requestId: null }, now: new Date() })

const create = defineCommand({
  meta: { name: 'create', description: 'Make a key and print it, this once' },
  args: {
    name: { type: 'positional', description: 'What the key is for', required: true, valueHint: 'NAME' },
    scopes: { type: 'string', description: `What it may do: ${keyScopes.join(', ')}`, required: true, valueHint: 'LIST' },
    expires: { type: 'string', description: 'Days until it ends, 1 to 3650; never when absent', valueHint: 'DAYS' },
    ...databaseArgs,
  },
  run: ({ args }) =>
    withDatabase(
      args,
      async (db) => {
        const made = await createKey(db, checkedRequest(args), by())
        print(args, made, () => made.key)
        if (!args.json) process.stderr.write('The key is not shown again. Send it as: Authorization: Bearer KEY\n')
      },
      { create: true },
    ),
})

/** Throws `bad_request`. */
function checkedRequest({ name, scopes, expires }: { name: string; scopes: string; expires?: string }): ApiKeyRequest {
  const days = expires === undefined ? {} : { expiresInDays: /^\d{1,5}$/.test(expires) ? Number(expires) : Number.NaN }
  const request = { name, scopes: scopes.split(',').map((scope) => scope.trim()), ...days }
  if (Value.Check(ApiKeyRequest, request)) return request as ApiKeyRequest
  const details = [...Value.Errors(ApiKeyRequest, request)].slice(0, 5).map(({ path, message }) => ({ path, message }))
  throw new DomainError('bad_request', `a key has a name, scopes out of ${keyScopes.join(', ')}, and ends after 1 to 3650 days`, {
    details,
  })
}

const list = defineCommand({
  meta: { name: 'list', description: 'All keys; those in use first' },
  args: databaseArgs,
  run: ({ args }) =>
    withDatabase(args, (db) => {
      const keys = allKeys(db)
      print(args, { keys }, () => (keys.length === 0 ? 'No key yet.' : keyTable(keys)))
    }),
})

const revoke = defineCommand({
  meta: { name: 'revoke', description: 'End a key for good' },
  args: { id: { type: 'positional', description: 'As the list shows it', required: true, valueHint: 'ID' }, ...databaseArgs },
  run: ({ args }) =>
    withDatabase(args, async (db) => {
      const key = await endKey(db, args.id, by())
      print(args, key, () => `The key ${key.id} (${key.name}) works no more.`)
    }),
})

const rotate = defineCommand({
  meta: { name: 'rotate', description: 'Let a new key sign sessions; nobody is logged out, running servers follow' },
  args: databaseArgs,
  run: ({ args }) =>
    withDatabase(args, async (db) => {
      const { actor, now } = by()
      const { keysPath, openKeyRing, rotateKeys } = await import('../pipeline/accounts/key-ring')
      const path = keysPath(databasePathOf(args))
      openKeyRing(path)
      if (!rotateKeys(path, now)) throw new DomainError('busy', 'another process rotates the keys at this moment; try again')
      await writeTransaction(db, (tx) => appendAudit(tx, { at: now, actor: actor.name, action: 'keys.rotate', subject: 'sessions' }))
      print(
        args,
        { rotatedAt: now.toISOString() },
        () => 'A new key signs from now on; the one before it counts as long as what it signed.',
      )
    }),
})

export const keysCommand = defineCommand({
  meta: { name: 'keys', description: 'Keys of machine clients: create, list, revoke; rotate those that sign sessions' },
  subCommands: { create, list, revoke, rotate },
})

const day = (instant: string | null) => instant?.slice(0, 16).replace('T', ' ') ?? ''
const keyTable = (keys: ApiKey[]) =>
  formatTable(keys, [
    { title: 'Id', cell: ({ id }) => id },
    { title: 'Name', cell: ({ name }) => name },
    { title: 'Scopes', cell: ({ scopes }) => scopes.join(', ') },
    { title: 'By', cell: ({ createdBy }) => createdBy },
    { title: 'Made', cell: ({ createdAt }) => day(createdAt) },
    { title: 'Ends', cell: ({ expiresAt }) => day(expiresAt) },
    { title: 'Last used', cell: ({ lastUsedAt }) => day(lastUsedAt) },
    { title: 'Revoked', cell: ({ revokedAt }) => day(revokedAt) },
  ])
