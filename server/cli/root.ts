/** The root of the command line: finds the command, checks its flags, shows help, runs it. Errors go up to main. */
import { stripVTControlCharacters } from 'node:util'
import { type ArgsDef, runCommand } from 'citty'
import { DomainError } from '../domain/error'
import { type AnyCommand, commands } from './command'
import { folded } from './terminal'
import { commandUsage, commandUsageJson, rootUsage, rootUsageJson } from './usage'

/** Colours are for a terminal only; citty writes them into a pipe as well. */
const print = (text: string) => process.stdout.write(`${process.stdout.isTTY ? folded(text) : stripVTControlCharacters(text)}\n`)

/**
 * Runs one command line (without the program's name) to its end.
 * Throws `bad_request` for an unknown command or flag, and whatever the command throws.
 */
export async function runCli(argv: string[], version: string): Promise<void> {
  const json = argv.includes('--json')
  const help = argv.includes('--help') || argv.includes('-h')
  const [name, ...rest] = argv
  if (name === '--version' || name === '-v') return void print(json ? JSON.stringify({ version }) : version)
  if (name === undefined || name.startsWith('-')) {
    if (name !== undefined && !help) throw new DomainError('bad_request', 'the command comes first; see routewright --help')
    return void print(json ? JSON.stringify(rootUsageJson(version)) : rootUsage(version))
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!entry) throw new DomainError('bad_request', `no such command; one of: ${Object.keys(commands).join(', ')}`)
  const { command, path, args } = await descend(await entry.load(), ['routewright', name], rest)
  if (help) return void print(json ? JSON.stringify(await commandUsageJson(command, path)) : await commandUsage(command, path))
  refuseUnknownFlags(args, await resolve(command.args ?? {}), path)
  await runCommand(command, { rawArgs: args })
}

/** Follows the names of sub-commands as far as they go; a command that only groups others needs one of them. */
async function descend(
  command: AnyCommand,
  path: string[],
  args: string[],
): Promise<{ command: AnyCommand; path: string[]; args: string[] }> {
  const subCommands = await resolve(command.subCommands ?? {})
  const names = Object.keys(subCommands)
  if (names.length === 0) return { command, path, args }
  const name = args.find((arg) => Object.hasOwn(subCommands, arg))
  if (name !== undefined) {
    const at = args.indexOf(name)
    return descend(await resolve(subCommands[name]), [...path, name], [...args.slice(0, at), ...args.slice(at + 1)])
  }
  if (command.run || args.includes('--help') || args.includes('-h')) return { command, path, args }
  throw new DomainError('bad_request', `${path.join(' ')} needs one of: ${names.join(', ')}`)
}

/** citty lets unknown flags pass in silence; a mistyped one must not be without effect. */
function refuseUnknownFlags(args: string[], definitions: ArgsDef, path: string[]): void {
  const known = new Set(['json', 'help', 'h'])
  for (const [name, { alias }] of Object.entries(definitions) as [string, { alias?: string | string[] }][]) {
    for (const spelling of [name, kebab(name), ...(alias === undefined ? [] : [alias].flat())]) known.add(spelling)
  }
  const flags = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined)
  const unknown = flags
    .filter((arg) => /^--?[A-Za-z]/.test(arg))
    .map((arg) => arg.replace(/^--?/, '').split('=', 1)[0])
    .find((name) => !known.has(name) && !known.has(name.replace(/^no-/, '')))
  if (unknown !== undefined) throw new DomainError('bad_request', `unknown option --${unknown}; see ${path.join(' ')} --help`)
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const resolve = <T>(value: T | Promise<T> | (() => T | Promise<T>)): T | Promise<T> =>
  typeof value === 'function' ? (value as () => T | Promise<T>)() : value
