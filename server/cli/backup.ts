/** `routewright backup`: a checked copy of the database, made while servers use it. */
import { existsSync } from 'node:fs'
import { defineCommand } from 'citty'
import { DomainError } from '../domain/error'
import { parseEnv } from '../env'
import { backUp } from '../store/backup'
import { formatBytes } from './table'
import { folded } from './terminal'

export const backupCommand = defineCommand({
  meta: { name: 'backup', description: 'Copy the database while it is in use; the newest seven copies stay' },
  args: {
    database: { type: 'string', description: 'Database file (ROUTEWRIGHT_DATABASE, else ./data/routewright.sqlite)', valueHint: 'FILE' },
    to: { type: 'string', description: 'Folder of the copies; `backups` beside the database when absent', valueHint: 'DIR' },
    json: { type: 'boolean', description: 'JSON on standard output', default: false },
  },
  run({ args }) {
    const { databasePath } = parseEnv(process.env, { databasePath: args.database })
    if (!existsSync(databasePath)) {
      throw new DomainError('not_found', 'there is no database at this place', {
        details: [{ path: databasePath, message: 'no such file' }],
      })
    }
    const backup = backUp(databasePath, { now: new Date(), ...(args.to === undefined ? {} : { folder: args.to }) })
    const { path, bytes } = backup
    process.stdout.write(
      `${args.json ? JSON.stringify(backup) : folded(`${path}: ${formatBytes(bytes)}, checked. To go back: stop the servers, put it in the place of ${databasePath}, start them.`)}\n`,
    )
  },
})
