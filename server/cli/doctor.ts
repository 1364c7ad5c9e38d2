/** `routewright doctor`: is everything here that the product needs, and what to do where it is not. */
import { defineCommand } from 'citty'
import { parseEnv } from '../env'
import { type Diagnosis, diagnose } from './diagnosis'
import { folded } from './terminal'

const signs = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const
const line = ({ name, status, message, advice }: Diagnosis) =>
  `${signs[status]}  ${name.padEnd(14)}  ${message}${advice === null ? '' : `\n${' '.repeat(22)}→ ${advice}`}`

export const doctorCommand = defineCommand({
  meta: { name: 'doctor', description: 'Check the machine, the addon, the database, the models and the port; say what to do' },
  args: {
    models: { type: 'string', description: 'Folder of the versions (ROUTEWRIGHT_MODELS, else ./models)', valueHint: 'DIR' },
    database: { type: 'string', description: 'Database file (ROUTEWRIGHT_DATABASE, else ./data/routewright.sqlite)', valueHint: 'FILE' },
    host: { type: 'string', description: 'Address that would be listened on', valueHint: 'ADDRESS' },
    port: { type: 'string', description: 'Port that would be listened on', valueHint: 'N' },
    json: { type: 'boolean', description: 'JSON on standard output', default: false },
  },
  async run({ args }) {
    const env = parseEnv(process.env, { modelsDirectory: args.models, databasePath: args.database, host: args.host, port: args.port })
    const findings = await diagnose(env, (finding) => {
      if (!args.json) process.stdout.write(`${folded(line(finding))}\n`)
    })
    const healthy = findings.every(({ status }) => status !== 'fail')
    if (args.json) process.stdout.write(`${JSON.stringify({ healthy, checks: findings })}\n`)
    if (!healthy) process.exitCode = 1
  },
})
