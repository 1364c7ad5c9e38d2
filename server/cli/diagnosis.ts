/** What `routewright doctor` looks at. Every check answers, none throws, and none makes a file that was not there. */
import { constants, existsSync } from 'node:fs'
import { access, readdir, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { readHolder } from '../artifacts/trainer-lock'
import { STAGING_NAME } from '../artifacts/version-directory'
import { isVersionName } from '../artifacts/version-name'
import { DomainError } from '../domain/error'
import type { Env } from '../env'
import { failureOf, openVersion } from '../pipeline/registry'
import { verifyAuditChain } from '../store/audit'
import { readState } from '../store/model-version'
import { closeStore, type Db, openStore } from '../store/open'
import { writeTransaction } from '../store/write-transaction'
import { formatBytes } from './table'

export interface Diagnosis {
  name: string
  status: 'ok' | 'warn' | 'fail'
  message: string
  /** What to do; null when nothing is. */
  advice: string | null
}
type Outcome = Omit<Diagnosis, 'name'>

const ok = (message: string): Outcome => ({ status: 'ok', message, advice: null })
const warn = (message: string, advice: string): Outcome => ({ status: 'warn', message, advice })
const fail = (message: string, advice: string): Outcome => ({ status: 'fail', message, advice })

/** The release that the product is tested with; a later patch is as good. */
const BUN_RANGE = '>=1.4.5 <1.5.0'
const FREE_BYTES_WARN = 5_000_000_000
const FREE_BYTES_FAIL = 500_000_000

/** Looks at everything, in an order in which a failure explains the ones after it. */
export async function diagnose(env: Env, onFinding: (finding: Diagnosis) => void = () => {}): Promise<Diagnosis[]> {
  const checks: [string, () => Outcome | Promise<Outcome>][] = [
    ['runtime', checkRuntime],
    ['addon', checkAddon],
    ['models folder', () => checkModelsFolder(env.modelsDirectory)],
    ['database', () => checkDatabase(env.databasePath)],
    ['disk', () => checkDisk([env.modelsDirectory, env.databasePath])],
    ['port', () => checkPort(env)],
    ['active version', () => checkActive(env)],
  ]
  const findings: Diagnosis[] = []
  for (const [name, check] of checks) {
    const finding = { name, ...(await attempt(check)) }
    findings.push(finding)
    onFinding(finding)
  }
  return findings
}

async function attempt(check: () => Outcome | Promise<Outcome>): Promise<Outcome> {
  try {
    return await check()
  } catch (error) {
    const reason = error instanceof DomainError ? failureOf(error).reason : String(error)
    return fail(reason, 'run again with ROUTEWRIGHT_DEBUG=1, or report it with this line')
  }
}

function checkRuntime(): Outcome {
  const found = `Bun ${Bun.version} on ${process.platform} ${process.arch}, ${navigator.hardwareConcurrency} cores`
  if (Bun.semver.satisfies(Bun.version, BUN_RANGE)) return ok(found)
  const advice = 'run it as npx bun@1.4.5, or install that release'
  return Bun.semver.order(Bun.version, '1.4.5') < 0 ? fail(found, advice) : warn(`${found}, which was not tested`, advice)
}

async function checkAddon(): Promise<Outcome> {
  try {
    const { engineRuntime } = await import('../engine/cpu')
    const { addon, usearch, kernels, available } = engineRuntime()
    const found = `addon ${addon}, usearch ${usearch}, arithmetic ${kernels} (this processor: ${available.join(', ')})`
    return kernels === available[0] ? ok(found) : warn(found, `${available[0]} would be faster; is another path forced by the environment?`)
  } catch (error) {
    return fail(failureOf(error).reason, 'bun run build:addon (needs Rust from https://rustup.rs and a C++ compiler)')
  }
}

async function checkModelsFolder(directory: string): Promise<Outcome> {
  if (!existsSync(directory)) return checkParent(directory, 'the models folder is not there yet')
  if (!(await isWritable(directory))) return fail(`${resolve(directory)} cannot be written`, 'give this user the right to write it')
  const names = await readdir(directory)
  const staging = names.includes(STAGING_NAME) ? (await readdir(join(directory, STAGING_NAME))).length : 0
  const holder = readHolder(directory)
  const found = `${resolve(directory)}: ${names.filter(isVersionName).length} versions`
  if (holder) return ok(`${found}; a training runs (process ${holder.pid} on ${holder.host} since ${holder.startedAt})`)
  return staging > 0 ? warn(`${found}; ${staging} unfinished`, 'the next training removes them') : ok(found)
}

async function checkDatabase(path: string): Promise<Outcome> {
  if (!existsSync(path)) return checkParent(path, 'there is no database yet')
  return withStore(path, async (db) => {
    const [integrity] = db.$client.query<{ quick_check: string }, []>('PRAGMA quick_check(1)').all()
    if (integrity?.quick_check !== 'ok') {
      return fail(`damaged: ${integrity?.quick_check ?? 'no answer'}`, 'stop the server and restore the last backup')
    }
    const orphans = db.$client.query('PRAGMA foreign_key_check').all().length
    if (orphans > 0) return fail(`${orphans} rows refer to rows that are not there`, 'stop the server and restore the last backup')
    const broken = verifyAuditChain(db)
    if (broken !== null) return fail(`the audit was changed at row ${broken}`, 'compare it with a backup: somebody wrote past the program')
    await writeTransaction(db, () => {})
    const { version } = db.$client.query<{ version: string }, []>('SELECT sqlite_version() AS version').get()!
    return ok(`${resolve(path)}: sound, writable, audit unbroken (SQLite ${version})`)
  })
}

async function checkDisk(paths: string[]): Promise<Outcome> {
  const free = await Promise.all(
    paths.map(async (path) => {
      const { bavail, bsize } = await statfs(existingParent(path))
      return bavail * bsize
    }),
  )
  const least = Math.min(...free)
  const found = `${formatBytes(least)} free`
  const advice = 'a version of 325,000 items takes about 0.7 GB; remove old ones'
  if (least < FREE_BYTES_FAIL) return fail(found, advice)
  return least < FREE_BYTES_WARN ? warn(found, advice) : ok(found)
}

async function checkPort({ host, port }: Env): Promise<Outcome> {
  try {
    Bun.listen({ hostname: host, port, socket: { data() {} } }).stop(true)
    return ok(`${host}:${port} is free`)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EACCES') return fail(`${host}:${port} needs more rights`, 'take a port above 1023: --port 8080')
    if (code !== 'EADDRINUSE') return fail(`${host}:${port} cannot be listened on (${code})`, 'check --host and --port')
    return (await answersAsServer(host, port))
      ? ok(`${host}:${port}: a routewright server answers there`)
      : fail(`${host}:${port} is taken by another program`, 'stop it, or take another port: --port N')
  }
}

async function answersAsServer(host: string, port: number): Promise<boolean> {
  const name = host.includes(':') ? `[${host}]` : host
  try {
    const answer = await fetch(`http://${name}:${port}/livez`, { signal: AbortSignal.timeout(1_000) })
    const live = (await answer.json()) as { uptimeSeconds?: unknown }
    return typeof live.uptimeSeconds === 'number'
  } catch {
    // Whatever else answers, or does not, is not ours.
    return false
  }
}

async function checkActive({ databasePath, modelsDirectory }: Env): Promise<Outcome> {
  const none = warn('no version serves yet', 'routewright train --source PATH --mapping FILE --activate')
  if (!existsSync(databasePath)) return none
  return withStore(databasePath, async (db) => {
    const { active: version, epoch } = readState(db)
    if (version === null) return none
    const started = performance.now()
    try {
      const { openModel, retireModel } = await import('../pipeline/model')
      const { model } = await openVersion(db, modelsDirectory, { version, epoch, prepare: openModel, trustStamps: false })
      retireModel(model)
      return ok(`${version} (epoch ${epoch}): every byte verified, opened and asked in ${Math.round(performance.now() - started)} ms`)
    } catch (error) {
      return fail(
        `${version}: ${failureOf(error).reason}`,
        'routewright models check shows all damage; routewright models rollback goes back',
      )
    }
  })
}

async function withStore<T>(path: string, use: (db: Db) => Promise<T>): Promise<T> {
  const db = openStore(path)
  try {
    return await use(db)
  } finally {
    closeStore(db)
  }
}

async function checkParent(path: string, found: string): Promise<Outcome> {
  const parent = existingParent(path)
  if (!(await isWritable(parent)))
    return fail(`${found}, and ${parent} cannot be written`, 'give this user the right to write it, or name another place')
  return warn(found, 'the first training makes it')
}

/** The nearest folder above that exists, or the path itself. */
function existingParent(path: string): string {
  let at = resolve(path)
  while (!existsSync(at)) at = dirname(at)
  return at
}

async function isWritable(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
