/** What the benches of the HTTP service have in common: their options, the version that they ask, and who asks. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Contest, contest } from './contest'
import { type LoadGenerator, startLoadGenerator } from './load'
import { type Place, type Served, serveProduct } from './program'
import { makeQuestions, type Questions } from './questions'
import { say } from './report'
import { inWorkspace, smokeNote, trainOn, type Workspace, writeSamplePlant } from './sample-plant'
import { wholeNumbers } from './values'

export interface ServiceOptions {
  /** As they were given, for the report. */
  values: { json: boolean; smoke: boolean; models?: string; database?: string }
  items: number
  rounds: number
  seconds: number
  warmUpSeconds: number
}

/** `[--items N | --models DIR --database FILE] [--rounds N] [--seconds S] [--json] [--smoke]`. Throws for what is none of these. */
export function readOptions(defaults: { items: string; rounds: string }): ServiceOptions {
  const { values } = parseArgs({
    options: {
      items: { type: 'string', default: defaults.items },
      models: { type: 'string' },
      database: { type: 'string' },
      rounds: { type: 'string', default: defaults.rounds },
      seconds: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
    },
  })
  if ((values.models === undefined) !== (values.database === undefined)) throw new Error('--models and --database go together')
  const [items] = values.smoke ? [1_000] : wholeNumbers('items', values.items)
  const [rounds] = values.smoke ? [1] : wholeNumbers('rounds', values.rounds)
  return { values, items, rounds, seconds: values.smoke ? 0.4 : Number(values.seconds), warmUpSeconds: values.smoke ? 0.1 : 1 }
}

export interface ServiceBench {
  workspace: Workspace
  /** In words: whose version, how many vectors and questions. */
  data: string
  questions: Questions
  one: Served
  /** Null where processes cannot share a port. */
  two: Served | null
  /** Stopped at the end, whatever happens. */
  servers: Served[]
  notes: string[]
  load: LoadGenerator
  contest: (input: Pick<Contest, 'contestants' | 'connectionCounts'>) => ReturnType<typeof contest>
  /** Folder of the logs of `one`. */
  logs: string
}

/** Trains or takes a version, serves it with one and two workers, and makes questions about it. */
export async function benchService(
  name: string,
  options: ServiceOptions,
  { wanted, k }: { wanted: number; k: number },
  work: (bench: ServiceBench) => Promise<void>,
): Promise<void> {
  await inWorkspace(name, async (workspace) => {
    const notes: string[] = []
    const { place, data } = await version(workspace, options, notes)
    const servers: Served[] = []
    const load = startLoadGenerator()
    try {
      const logs = join(workspace.folder, 'logs-one')
      const one = await serveProduct('routewright', place, { logs })
      servers.push(one)
      const form = await fetch(`${one.origin}/api/v1/form`, { headers: one.headers })
      if (form.status !== 200) throw new Error(`the server answers ${form.status}: ${await form.text()}`)
      const { version: active } = (await form.json()) as { version: string }
      say('questions, and exact search for the recall')
      const questions = await makeQuestions(workspace.folder, join(place.models, active), { wanted, k })
      let two: Served | null = null
      if (process.platform === 'linux') {
        two = await serveProduct('routewright, 2 workers', place, { workers: 2 })
        servers.push(two)
      } else notes.push('skipped: 2 workers share a port on Linux only')
      const { rounds, warmUpSeconds, seconds } = options
      await work({
        workspace,
        data: `${data}, ${questions.vectors} vectors of ${questions.dimensions} dimensions`,
        questions,
        one,
        two,
        servers,
        notes,
        load,
        contest: (input) => contest({ ...input, run: load.run, rounds, warmUpSeconds, seconds }),
        logs,
      })
    } finally {
      await load.stop()
      for (const served of servers) await served.stop()
    }
  })
}

/** For the report. */
export const repetitions = ({ rounds, seconds }: ServiceOptions): string =>
  `${rounds} rounds of ${seconds} s for each server and number of connections, in turn; all servers run all the time; one other process sends`

export const sharedProcessor =
  'sender and servers share the processor: with more workers than idle cores throughput stands still; µs are processor time of each request, of the server with its workers and of the sender'

async function version(workspace: Workspace, { values, items }: ServiceOptions, notes: string[]): Promise<{ place: Place; data: string }> {
  if (values.models !== undefined && values.database !== undefined)
    return { place: { models: values.models, database: values.database }, data: `the active version of ${values.models}` }
  say(`sample plant and version of ${items} items`)
  const { path } = await writeSamplePlant(workspace.folder, items)
  const { answer } = await trainOn(path, workspace, { activate: true, smoke: values.smoke })
  if (values.smoke) notes.push(smokeNote)
  return { place: workspace, data: `the product's own sample plant, seed 1: ${answer.items} items, ${answer.operations} operations` }
}
