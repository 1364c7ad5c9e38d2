/** `routewright predict`: drafts a routing for every row of a file, in its order, one line of NDJSON a row. */
import { existsSync } from 'node:fs'
import { defineCommand } from 'citty'
import { limits } from '../contract/limits'
import { DomainError } from '../domain/error'
import { requireOneBreadth } from '../domain/settings'
import { parseEnv } from '../env'
import { bootVersion } from '../pipeline/boot-version'
import { type Model, openModel, retireModel } from '../pipeline/model'
import { predictFile } from '../pipeline/predict-file'
import { openVersion } from '../pipeline/registry'
import { closeStore, type Db, openStore } from '../store/open'

async function openWanted(db: Db, modelsDirectory: string, version: string | undefined): Promise<Model> {
  if (version !== undefined) return (await openVersion(db, modelsDirectory, { version, epoch: 0, prepare: openModel })).model
  const { opened } = await bootVersion(db, modelsDirectory, { prepare: openModel, record: false })
  if (opened === null) throw new DomainError('model_not_loaded', 'no version can be opened: train one, or name it by --version')
  return opened.model
}

export const predictCommand = defineCommand({
  meta: { name: 'predict', description: 'Draft a routing for every item of a file' },
  args: {
    items: {
      type: 'string',
      required: true,
      description: 'CSV, JSON or NDJSON with the mapped columns (and the key, if there is one)',
      valueHint: 'FILE',
    },
    models: { type: 'string', description: 'Folder of the versions', valueHint: 'DIR' },
    database: { type: 'string', description: 'Registry of the versions (SQLite)', valueHint: 'FILE' },
    version: { type: 'string', description: 'The active version when absent', valueHint: 'V' },
    candidates: { type: 'string', description: 'Candidates an item, 1 to 10', default: '5', valueHint: 'N' },
    topK: { type: 'string', description: 'Similar items, 1 to 50', default: '10', valueHint: 'N' },
    efSearch: { type: 'string', description: 'Breadth of the search, 16 to 1024 (default 96)', valueHint: 'N' },
    recall: {
      type: 'string',
      description: 'In place of --ef-search: share of the truly nearest to be found, 0.5 to 1; 1 reads every vector',
      valueHint: 'SHARE',
    },
    ignoreOwnHistory: { type: 'boolean', description: "Leave an item's own routings out", default: false },
    json: { type: 'boolean', description: 'NDJSON on standard output (the default without it is a summary a line)', default: false },
  },
  async run({ args }) {
    const env = parseEnv(process.env, { modelsDirectory: args.models, databasePath: args.database })
    const integer = (name: string, text: string, max: number, min = 1): number => {
      const value = Number(text)
      if (Number.isInteger(value) && value >= min && value <= max) return value
      throw new DomainError('bad_request', `--${name} must be a whole number from ${min} to ${max}`)
    }
    const share = (name: string, text: string): number => {
      const value = Number(text)
      if (text.trim() !== '' && value >= limits.recallMin && value <= limits.recallMax) return value
      throw new DomainError('bad_request', `--${name} must be a number from ${limits.recallMin} to ${limits.recallMax}`)
    }
    const options = {
      candidates: integer('candidates', args.candidates, 10),
      topK: integer('top-k', args.topK, 50),
      ignoreOwnHistory: args.ignoreOwnHistory,
      ...(args.efSearch !== undefined && { efSearch: integer('ef-search', args.efSearch, limits.efSearchMax, limits.efSearchMin) }),
      ...(args.recall !== undefined && { recall: share('recall', args.recall) }),
    }
    requireOneBreadth(options)
    if (!existsSync(args.items)) throw new DomainError('source_not_found', 'the file of items does not exist')
    const db = openStore(env.databasePath)
    const model = await openWanted(db, env.modelsDirectory, args.version)
    try {
      for await (const line of predictFile(model, args.items, options)) {
        const text = args.json
          ? JSON.stringify(line)
          : 'problem' in line
            ? `${line.item ?? '-'}\t${line.problem.code}: ${line.problem.message}`
            : `${line.item ?? '-'}\t${line.confidence.toFixed(2)}\t${line.candidates[0]?.signature ?? '-'}\t${line.reason}`
        if (!process.stdout.write(`${text}\n`)) await new Promise((done) => process.stdout.once('drain', done))
      }
    } finally {
      retireModel(model)
      closeStore(db)
    }
  },
})
