/** How a command ends badly: one message (or one JSON line) on standard error and an exit code; never a stack unless asked for. */
import { stripVTControlCharacters } from 'node:util'
import { DomainError } from '../domain/error'

export interface FailureOptions {
  json: boolean
  debug: boolean
}

/** citty does not export its error class: a wrong command line is told by the class's name. */
const isUsageError = (error: unknown): error is Error => error instanceof Error && error.name === 'CLIError'

/** The one answer to any error of a command: the exit code and the lines for standard error. */
export function failure(error: unknown, { json, debug }: FailureOptions): { exitCode: number; lines: string[] } {
  const problem = isUsageError(error)
    ? { code: 'bad_request', message: stripVTControlCharacters(error.message), details: undefined, exitCode: 2 }
    : error instanceof DomainError
      ? { code: error.code, message: error.message, details: error.details, exitCode: error.exitCode }
      : {
          code: 'internal',
          message: debug ? String(error) : 'an unexpected error; run again with ROUTEWRIGHT_DEBUG=1 to see where',
          details: undefined,
          exitCode: 70,
        }
  const { exitCode, ...envelope } = problem
  const lines = json
    ? [JSON.stringify(envelope)]
    : [`error: ${problem.message} (${problem.code})`, ...(problem.details ?? []).map(({ path, message }) => `  ${path}: ${message}`)]
  if (debug && error instanceof Error) lines.push(error.stack ?? '', ...(error.cause ? [`cause: ${String(error.cause)}`] : []))
  return { exitCode, lines }
}
