/** The program `routewright`: runs one command line and ends with its exit code. The last place where an error is caught. */
import { version } from '../package.json'
import { failure } from './cli/failure'
import { runCli } from './cli/root'

// Before anything loads the web framework: it chooses by this how much of a refused body its errors carry.
process.env.NODE_ENV ??= 'production'

const argv = process.argv.slice(2)
const options = { json: argv.includes('--json'), debug: process.env.ROUTEWRIGHT_DEBUG === '1' }

function fail(error: unknown): never {
  const { exitCode, lines } = failure(error, options)
  process.stderr.write(`${lines.join('\n')}\n`)
  process.exit(exitCode)
}

// A reader that went away (`| head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? process.exit(0) : fail(error)))
process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)

try {
  await runCli(argv, version)
} catch (error) {
  fail(error)
}
// Not process.exit at once: what is still in the pipe of standard output must reach its reader.
await new Promise((done) => process.stdout.write('', done))
process.exit(process.exitCode ?? 0)
