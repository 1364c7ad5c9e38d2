/** People: how they register, are let in, and what they may do. Nothing here tells a stranger whether an account exists. */
import { type Static, Type } from '@sinclair/typebox'
import { Instant, literals, Nullable, strict } from './schema'
import { word } from './word'

export const personRoles = ['user', 'admin'] as const
export type PersonRole = (typeof personRoles)[number]
/** pending: waits for an admin. rejected: refused, with a reason. suspended: was active, may come back. */
export const accountStatuses = ['pending', 'active', 'rejected', 'suspended'] as const
export type AccountStatus = (typeof accountStatuses)[number]

/** A login name or an e-mail address; compared in NFKC and lower case. */
export const Login = Type.String({ minLength: 3, maxLength: 64, pattern: `^[${word}][${word}._@+-]*$` })
/** Code points after NFKC; no rule of composition. Weak ones are refused by name (`weak_password`). Not truncated. */
export const Password = Type.String({ minLength: 1, maxLength: 1024, description: '15 to 256 characters' })
const DisplayName = Type.String({ maxLength: 64 })

export const RegisterRequest = Type.Object(
  { login: Login, password: Password, name: Type.Optional(DisplayName) },
  { ...strict, $id: 'RegisterRequest' },
)
export type RegisterRequest = Static<typeof RegisterRequest>
/** The same for a new, a known and a refused name. */
export const Registered = Type.Object({ status: Type.Literal('received') }, { $id: 'Registered' })
export type Registered = Static<typeof Registered>

/** What the one who registered sees while waiting; the browser is known by a cookie of its own. */
export const Waiting = Type.Object(
  {
    status: literals(['pending', 'approved', 'rejected', 'unknown'] as const),
    /** Why it was rejected. */
    reason: Nullable(Type.String()),
    /** Logins of admins who may be called; at most five. */
    admins: Type.Array(Type.String(), { maxItems: 5 }),
  },
  { $id: 'Waiting' },
)
export type Waiting = Static<typeof Waiting>

export const LoginRequest = Type.Object({ login: Type.String({ maxLength: 256 }), password: Password }, { ...strict, $id: 'LoginRequest' })
export type LoginRequest = Static<typeof LoginRequest>

/** Who asks. For a machine `role` is user and `key` its name. */
export const Me = Type.Object(
  {
    id: Type.Integer(),
    login: Type.String(),
    name: Type.String(),
    role: literals(personRoles),
    /** After a reset by an admin: everything but the change of the password is refused. */
    mustChangePassword: Type.Boolean(),
    /** False for the first admin who looked around first: nobody can log in to it again until one is set. */
    hasPassword: Type.Boolean(),
    sessionExpiresAt: Nullable(Instant),
  },
  { $id: 'Me' },
)
export type Me = Static<typeof Me>

export const PasswordChange = Type.Object({ current: Type.Optional(Password), next: Password }, { ...strict, $id: 'PasswordChange' })
export type PasswordChange = Static<typeof PasswordChange>
export const PasswordReset = Type.Object(
  { login: Login, code: Type.String({ maxLength: 64 }), next: Password },
  { ...strict, $id: 'PasswordReset' },
)
export type PasswordReset = Static<typeof PasswordReset>

/** The first admin, by the link that the server's console prints. Without a password: look around first, set one later. */
export const SetupRequest = Type.Object(
  { token: Type.String({ maxLength: 128 }), login: Login, password: Type.Optional(Password), name: Type.Optional(DisplayName) },
  { ...strict, $id: 'SetupRequest' },
)
export type SetupRequest = Static<typeof SetupRequest>
export const SetupState = Type.Object({ open: Type.Boolean({ description: 'Nobody is an admin yet' }) }, { $id: 'SetupState' })
export type SetupState = Static<typeof SetupState>

export const Session = Type.Object(
  {
    id: Type.String(),
    current: Type.Boolean(),
    createdAt: Instant,
    lastSeenAt: Instant,
    expiresAt: Instant,
    userAgent: Type.String(),
    address: Type.String(),
  },
  { $id: 'Session' },
)
export type Session = Static<typeof Session>
export const SessionList = Type.Object({ sessions: Type.Array(Session, { maxItems: 100 }) }, { $id: 'SessionList' })
export type SessionList = Static<typeof SessionList>

/** As admins see a person. */
export const Account = Type.Object(
  {
    id: Type.Integer(),
    login: Type.String(),
    name: Type.String(),
    role: literals(personRoles),
    status: literals(accountStatuses),
    hasPassword: Type.Boolean(),
    sessions: Type.Integer({ description: 'That are open' }),
    createdAt: Instant,
    decidedBy: Nullable(Type.String()),
    decidedAt: Nullable(Instant),
    decisionReason: Nullable(Type.String()),
    lastLoginAt: Nullable(Instant),
  },
  { $id: 'Account' },
)
export type Account = Static<typeof Account>
/** Those who wait come first, the longest waiting on top. */
export const AccountList = Type.Object(
  { accounts: Type.Array(Account, { maxItems: 500 }), total: Type.Integer(), pending: Type.Integer() },
  { $id: 'AccountList' },
)
export type AccountList = Static<typeof AccountList>

export const ApproveRequest = Type.Object({ role: Type.Optional(literals(personRoles)) }, { ...strict, $id: 'ApproveRequest' })
export const RejectRequest = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500 }) }, { ...strict, $id: 'RejectRequest' })
export const RoleRequest = Type.Object({ role: literals(personRoles) }, { ...strict, $id: 'RoleRequest' })
export const SuspendRequest = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500 }) }, { ...strict, $id: 'SuspendRequest' })
/** Shown once. */
export const ResetCode = Type.Object({ code: Type.String(), expiresAt: Instant }, { $id: 'ResetCode' })
export type ResetCode = Static<typeof ResetCode>
