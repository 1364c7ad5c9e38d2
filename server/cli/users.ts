/** `routewright users`: people, for whoever operates the machine. Also how the first admin is made without a browser. */
import { Value } from '@sinclair/typebox/value'
import { type ArgsDef, defineCommand } from 'citty'
import { type Account, type AccountStatus, accountStatuses, Login, type PersonRole, personRoles } from '../contract/account'
import type { Actor } from '../domain/actor'
import { DomainError } from '../domain/error'
import { normalizeLogin } from '../domain/login-name'
import { addPerson, approve, changeRole, issueResetCode, reject, resume, suspend } from '../pipeline/accounts/admin'
import { listPeople, personView } from '../pipeline/accounts/people'
import type { Db } from '../store/open'
import { findUserByLogin, type User } from '../store/user'
import { type DatabaseArgs, databaseArgs, print, withDatabase } from './database'
import { operator } from './operator'
import { readSecret } from './secret-input'
import { formatTable } from './table'

const login = { type: 'positional', description: 'Login name or e-mail address', required: true, valueHint: 'LOGIN' } as const
const reason = { type: 'string', description: 'Why; shown to the person', required: true, valueHint: 'TEXT' } as const
const listMax = 500

const actor = (): Actor => ({ id: null, name: operator(), requestId: null })

const add = defineCommand({
  meta: { name: 'add', description: 'Make an account that is active at once; the password is read from standard input' },
  args: {
    login,
    name: { type: 'string', description: 'As it is shown', default: '', valueHint: 'NAME' },
    admin: { type: 'boolean', description: 'As an admin', default: false },
    ...databaseArgs,
  },
  run: ({ args }) =>
    withDatabase(
      args,
      async (db) => {
        const person = { login: checkedLogin(args.login), name: args.name.trim().slice(0, 64) }
        const passwordHash = await hashNewPassword(person)
        const role: PersonRole = args.admin ? 'admin' : 'user'
        const user = await addPerson(db, { ...person, role, passwordHash }, { actor: actor(), now: new Date() })
        tell(args, db, user, ({ login, role }) => `${login} is ${role} now and may log in.`)
      },
      { create: true },
    ),
})

/** Throws `weak_password`. */
async function hashNewPassword(person: { login: string; name: string }): Promise<string> {
  const password = await readSecret(`Password of ${person.login}, at least 15 characters: `)
  // Loaded here: the other commands work without the native hash.
  const { createPasswords } = await import('../pipeline/accounts/passwords')
  const passwords = createPasswords()
  try {
    await passwords.judge(password, { ...person, path: 'standard input' })
    return await passwords.hash(password)
  } finally {
    passwords.close()
  }
}

const list = defineCommand({
  meta: { name: 'list', description: 'All accounts; those who wait first, the longest waiting on top' },
  args: {
    status: { type: 'enum', options: [...accountStatuses], description: 'Only these' },
    search: { type: 'string', description: 'Part of the login or the name', default: '', valueHint: 'TEXT' },
    ...databaseArgs,
  },
  run: ({ args }) =>
    withDatabase(args, (db) => {
      const status = args.status as AccountStatus | undefined
      const page = listPeople(db, { status, search: args.search, limit: listMax, offset: 0 }, new Date())
      print(args, page, () => (page.accounts.length === 0 ? 'No such account.' : accountTable(page.accounts)))
    }),
})

interface ActArgs extends DatabaseArgs {
  login: string
}
type How = { id: number; actor: Actor; now: Date }

/** An act on the person with this login, told with what became of them. */
const personCommand = <More extends ArgsDef>(
  name: string,
  description: string,
  more: More,
  act: (db: Db, how: How, args: Record<string, string>) => Promise<User>,
) =>
  defineCommand({
    meta: { name, description },
    args: { login, ...more, ...databaseArgs } as ArgsDef,
    run: ({ args }) => {
      const given = args as unknown as ActArgs
      return withDatabase(given, async (db) => {
        const user = await act(db, aboutPerson(db, given.login), args as unknown as Record<string, string>)
        tell(given, db, user, ({ login, status, role }) => `${login} is ${status} now, as ${role}.`)
      })
    },
  })

const role = { type: 'positional', description: personRoles.join(' or '), required: true, valueHint: 'ROLE' } as const
const asRole = { type: 'string', description: `${personRoles.join(' or ')}, user when absent`, default: 'user', valueHint: 'ROLE' } as const

const reset = defineCommand({
  meta: { name: 'reset', description: 'Print a code with which the person sets a new password within 24 hours; their sessions end' },
  args: { login, ...databaseArgs },
  run: ({ args }) =>
    withDatabase(args, async (db) => {
      const code = await issueResetCode(db, aboutPerson(db, args.login))
      print(
        args,
        code,
        () => `${code.code}\nWorks once, until ${code.expiresAt.slice(0, 16).replace('T', ' ')} UTC. It is not shown again.`,
      )
    }),
})

export const usersCommand = defineCommand({
  meta: { name: 'users', description: 'People: add, list, approve, reject, role, suspend, resume, reset' },
  subCommands: {
    add,
    list,
    approve: personCommand('approve', 'Let one in who waits or was rejected', { role: asRole }, (db, how, args) =>
      approve(db, { ...how, role: checkedRole(args.role!) }),
    ),
    reject: personCommand('reject', 'Refuse one who waits', { reason }, (db, how, args) =>
      reject(db, { ...how, reason: checkedReason(args.reason!) }),
    ),
    role: personCommand('role', 'Give another role; their sessions end', { role }, (db, how, args) =>
      changeRole(db, { ...how, role: checkedRole(args.role!) }),
    ),
    suspend: personCommand('suspend', 'Lock out; all sessions end at once', { reason }, (db, how, args) =>
      suspend(db, { ...how, reason: checkedReason(args.reason!) }),
    ),
    resume: personCommand('resume', 'Let a suspended person in again', {}, resume),
    reset,
  },
})

/** Throws `bad_request`. */
function checkedLogin(text: string): string {
  const login = normalizeLogin(text)
  if (!Value.Check(Login, login)) {
    throw new DomainError('bad_request', 'a login has 3 to 64 letters, digits and . _ @ + -, and begins with a letter or digit')
  }
  return login
}

function checkedRole(text: string): PersonRole {
  const role = personRoles.find((one) => one === text)
  if (role === undefined) throw new DomainError('bad_request', `a role is one of: ${personRoles.join(', ')}`)
  return role
}

function checkedReason(text: string): string {
  if (text.trim() === '' || text.length > 500) throw new DomainError('bad_request', 'a reason has 1 to 500 characters')
  return text
}

/** Throws `account_unknown`. */
function aboutPerson(db: Db, text: string): How {
  const user = findUserByLogin(db, normalizeLogin(text))
  if (user === null) throw new DomainError('account_unknown', 'there is no account of this login')
  return { id: user.id, actor: actor(), now: new Date() }
}

function tell(args: DatabaseArgs, db: Db, user: User, words: (account: Account) => string): void {
  const account = personView(db, user, new Date())
  print(args, account, () => words(account))
}

const day = (instant: string | null) => instant?.slice(0, 16).replace('T', ' ') ?? ''
const accountTable = (accounts: Account[]) =>
  formatTable(accounts, [
    { title: 'Login', cell: ({ login }) => login },
    { title: 'Name', cell: ({ name }) => name },
    { title: 'Role', cell: ({ role }) => role },
    { title: 'Status', cell: ({ status }) => status },
    { title: 'Sessions', cell: ({ sessions }) => String(sessions), align: 'right' },
    { title: 'Registered', cell: ({ createdAt }) => day(createdAt) },
    { title: 'Last login', cell: ({ lastLoginAt }) => day(lastLoginAt) },
    { title: 'Reason', cell: ({ decisionReason }) => decisionReason ?? '' },
  ])
