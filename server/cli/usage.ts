/** Help texts: the root's from the command table, a command's from its own definition; as text, or as JSON with `--json`. */
import { renderUsage } from 'citty'
import { problemCodes } from '../contract/problem'
import { type AnyCommand, commands } from './command'

const exitMeanings: Record<number, string> = {
  0: 'done',
  2: 'the command line is wrong',
  65: 'the data, a request or a file of a version is wrong',
  66: 'a source, version or file is not there',
  69: 'a service is not available: no model loaded, database closed, port taken',
  70: 'an error of the program itself',
  74: 'no space, or a file could not be written',
  75: 'busy now, try again: training is locked, a version was changed meanwhile',
  77: 'not permitted: a password is missing or wrong',
  130: 'cancelled: told to stop before it was done',
}

/** The problem codes that end with this exit code. */
function codesOf(exit: number): string[] {
  return Object.entries(problemCodes)
    .filter(([, problem]) => problem.exit === exit)
    .map(([code]) => code)
}

/** Help of `routewright` itself. */
export function rootUsage(version: string): string {
  const width = Math.max(8, ...Object.keys(commands).map((name) => name.length))
  const lines = Object.entries(commands).map(([name, { description }]) => `  ${name.padEnd(width)}  ${description}`)
  const exits = Object.entries(exitMeanings).map(([code, meaning]) => `  ${code.padStart(width)}  ${meaning}`)
  return [
    `routewright ${version}: drafts manufacturing routings for new parts from the ones a plant has already made`,
    '',
    'Usage: routewright <command> [options]',
    '',
    'Commands',
    ...lines,
    '',
    'Options of every command',
    `  ${'--help'.padEnd(width)}  what the command does and its options`,
    `  ${'--json'.padEnd(width)}  standard output holds JSON or NDJSON only; progress and errors go to standard error`,
    '',
    'Exit codes',
    ...exits,
    '',
    'With --json an error is one line on standard error: {"code","message","details"}. ROUTEWRIGHT_DEBUG=1 adds the stack.',
  ].join('\n')
}

/** Help of `routewright` itself for programs. */
export function rootUsageJson(version: string): unknown {
  return {
    name: 'routewright',
    version,
    commands: Object.entries(commands).map(([name, { description }]) => ({ name, description })),
    exitCodes: Object.entries(exitMeanings).map(([exit, meaning]) => ({ exit: Number(exit), meaning, codes: codesOf(Number(exit)) })),
  }
}

const resolve = <T>(value: T | Promise<T> | (() => T | Promise<T>) | undefined): T | Promise<T> | undefined =>
  typeof value === 'function' ? (value as () => T | Promise<T>)() : value

/** Help of one command; `path` is what was typed, for example `routewright models list`. */
export async function commandUsage(command: AnyCommand, path: string[]): Promise<string> {
  const meta = { ...(await resolve(command.meta)), name: path.join(' ') }
  return renderUsage({ ...command, meta })
}

/** Help of one command for programs: its arguments with type, default and description, and its sub-commands. */
export async function commandUsageJson(command: AnyCommand, path: string[]): Promise<unknown> {
  const meta = await resolve(command.meta)
  const args = (await resolve(command.args)) ?? {}
  const subCommands = (await resolve(command.subCommands)) ?? {}
  return {
    name: path.join(' '),
    description: meta?.description ?? null,
    arguments: Object.entries(args as Record<string, object>).map(([name, definition]) => ({ name, ...definition })),
    commands: Object.keys(subCommands),
  }
}
