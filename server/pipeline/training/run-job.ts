/** One job as a process of its own: it gives its memory back, and a crash of native code ends only itself. */
import { type ProblemCode, problemCodes } from '../../contract/problem'
import type { JobProgress, JobRequest } from '../../contract/training-job'
import type { JobEnd } from '../../store/training-job'
import type { JobLogWriter } from './job-log'
import { pathBelow } from './job-paths'

export interface RunJobInput {
  request: JobRequest
  /** How the program is called: the runtime and its first file. */
  program: readonly string[]
  /** Folders that plants' files may lie in. */
  sources: readonly string[]
  modelsDirectory: string
  databasePath: string
  log: JobLogWriter
  onProgress: (progress: JobProgress) => void
  /** Aborted when the job is cancelled or the trainer stops. */
  signal: AbortSignal
}

/** After the order to stop, ms. */
const patienceMs = 10_000
const resultCharactersMax = 10_000_000

/** `locked`: another training holds the lock; nothing was tried. */
export type JobOutcome = JobEnd | { status: 'locked' }

/** Runs a job to its end. Throws `source_not_found` for paths outside of the sources. */
export async function runJob({ program, log, onProgress, signal, ...input }: RunJobInput): Promise<JobOutcome> {
  const args = argumentsOf(input)
  log.write(`${new Date().toISOString()} ${args.join(' ')}\n`)
  const child = Bun.spawn([...program, ...args], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    serialization: 'json',
    ipc: (message) => onProgress(message as JobProgress),
  })
  let insist: Timer | undefined
  const stop = () => {
    child.kill('SIGTERM')
    insist = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  try {
    const [output, errors] = await Promise.all([collect(child.stdout), collect(child.stderr, log)])
    const exitCode = await child.exited
    if (signal.aborted) {
      log.write(
        `${new Date().toISOString()} ${signal.reason === 'stopping' ? 'stopped with the trainer; the job waits again' : 'cancelled'}\n`,
      )
      return { status: 'cancelled' }
    }
    if (exitCode === 0) return { status: 'done', version: lastJson(output)?.version ?? null }
    return failureOf(lastJson(errors), exitCode)
  } finally {
    clearTimeout(insist)
    signal.removeEventListener('abort', stop)
  }
}

function argumentsOf({
  request,
  sources,
  modelsDirectory,
  databasePath,
}: Pick<RunJobInput, 'request' | 'sources' | 'modelsDirectory' | 'databasePath'>): string[] {
  const store = ['--models', modelsDirectory, '--database', databasePath, '--json']
  if (request.kind === 'rebuild_index') {
    const { version, m, efConstruction } = request
    return ['models', 'rebuild-index', version, '--m', String(m), '--ef-construction', String(efConstruction), ...store]
  }
  const source = pathBelow(sources, request.source, 'source')
  const mapping = pathBelow(sources, request.mapping, 'mapping')
  return ['train', '--source', source, '--mapping', mapping, ...store]
}

async function collect(stream: ReadableStream<Uint8Array>, log?: JobLogWriter): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stream) {
    log?.write(chunk)
    text = (text + decoder.decode(chunk, { stream: true })).slice(-resultCharactersMax)
  }
  return text
}

interface Line {
  version?: string
  code?: string
  message?: string
}
/** The last line that is a JSON object: a command's result, or its failure. */
function lastJson(text: string): Line | null {
  for (const line of text.trimEnd().split('\n').reverse()) {
    if (!line.startsWith('{')) continue
    try {
      return JSON.parse(line) as Line
    } catch {}
  }
  return null
}

function failureOf(problem: Line | null, exitCode: number): JobOutcome {
  const code = problem?.code !== undefined && problem.code in problemCodes ? (problem.code as ProblemCode) : 'internal'
  if (code === 'training_locked') return { status: 'locked' }
  return { status: 'failed', code, reason: problem?.message ?? `the training ended with ${exitCode}; its log says more` }
}
