/** `routewright trainer`: the second service. Takes ordered trainings one at a time, and orders those of the schedule. */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { defineCommand } from 'citty'
import { DomainError } from '../domain/error'
import { parseEnv } from '../env'
import { runTrainer } from '../pipeline/training/trainer'
import { onStopSignal } from '../stop-signal'
import { closeStore, openStore } from '../store/open'

export const trainerCommand = defineCommand({
  meta: { name: 'trainer', description: 'Run ordered and scheduled trainings, one at a time, until it is told to stop (SIGTERM, Ctrl-C)' },
  args: {
    sources: {
      type: 'string',
      description: "Folders of the plant's files and mappings, separated by commas; orders name files below them only",
      valueHint: 'DIR,…',
      default: './data',
    },
    once: { type: 'boolean', description: 'End when nothing waits', default: false },
    models: { type: 'string', description: 'Folder of the versions (ROUTEWRIGHT_MODELS, else ./models)', valueHint: 'DIR' },
    database: { type: 'string', description: 'Database file (ROUTEWRIGHT_DATABASE, else ./data/routewright.sqlite)', valueHint: 'FILE' },
    json: { type: 'boolean', description: 'Events as JSON lines on standard output', default: false },
  },
  async run({ args }) {
    const env = parseEnv(process.env, { modelsDirectory: args.models, databasePath: args.database })
    const sources = args.sources
      .split(',')
      .filter((path) => path !== '')
      .map((path) => resolve(path))
    const missing = sources.find((path) => !existsSync(path))
    if (missing !== undefined) {
      throw new DomainError('source_not_found', 'a folder of the sources is not there', {
        details: [{ path: '--sources', message: 'no such folder' }],
      })
    }
    const stop = new AbortController()
    onStopSignal(
      () => stop.abort(),
      () => process.exit(1),
    )
    const say = (event: { event: string } & Record<string, unknown>) => {
      if (args.json) process.stdout.write(`${JSON.stringify({ ts: new Date().toISOString(), ...event })}\n`)
      else
        process.stderr.write(
          `${event.event}: ${Object.entries(event)
            .filter(([key]) => key !== 'event')
            .map(([key, value]) => `${key} ${value}`)
            .join(', ')}\n`,
        )
    }
    const db = openStore(env.databasePath)
    try {
      say({ event: 'trainer.ready', pid: process.pid })
      await runTrainer({
        db,
        modelsDirectory: resolve(env.modelsDirectory),
        databasePath: resolve(env.databasePath),
        logsDirectory: join(dirname(env.databasePath), 'logs', 'training'),
        sources,
        program: [process.execPath, ...process.argv.slice(1, 2)],
        once: args.once,
        signal: stop.signal,
        report: say,
      })
    } finally {
      closeStore(db)
    }
  },
})
