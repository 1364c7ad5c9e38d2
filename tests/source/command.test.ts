/** `routewright source inspect` and `source read` as another program sees them: standard output, standard error, exit code. */
import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { temporaryFolder } from './files'

const folder = temporaryFolder()
afterAll(folder.remove)
const runner = folder.write(
  'runner.ts',
  `import { runCommand } from '${import.meta.resolve('citty')}'
import { sourceCommand } from '${join(import.meta.dir, '../../server/cli/source.ts')}'
await runCommand(sourceCommand, { rawArgs: process.argv.slice(2) }).catch((error) => {
  process.stderr.write(JSON.stringify({ code: error.code, message: error.message }) + '\\n')
  process.exitCode = error.exitCode ?? 70
})
`,
)

async function run(...args: string[]) {
  const child = Bun.spawn([process.execPath, runner, ...args], { stdout: 'pipe', stderr: 'pipe' })
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { exit: await child.exited, stdout, stderr }
}

const parts = folder.write('parts.csv', 'code,"size, outer",note\n007,1.50,"two\nlines"\n008,,x\n009\n')

test('read prints the rows as NDJSON and what it left out on standard error', async () => {
  const { exit, stdout, stderr } = await run('read', '--source', parts, '--table', 'parts', '--json')
  expect(stdout).toBe('{"code":"007","size, outer":"1.50","note":"two\\nlines"}\n{"code":"008","size, outer":null,"note":"x"}\n')
  expect(stderr).toBe('bad: row has fewer fields than the header: 1\n')
  expect(exit).toBe(0)
})

test('read takes columns, quoted where a comma is part of the name, and a limit', async () => {
  const { stdout } = await run('read', '--source', parts, '--table', 'parts', '--columns', 'note,"size, outer"', '--limit', '1', '--json')
  expect(stdout).toBe('{"note":"two\\nlines","size, outer":"1.50"}\n')
})

test('inspect --json prints one document and nothing else', async () => {
  const { exit, stdout } = await run('inspect', parts, '--json')
  expect(exit).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ kind: 'csv', tables: [{ name: 'parts', rows: 2 }], mapping: null })
})

test('inspect without --json prints aligned tables', async () => {
  const { stdout } = await run('inspect', parts)
  expect(stdout).toContain('parts: 2 rows')
  expect(stdout.split('\n').find((line) => line.includes('most frequent values'))).toContain('column')
  expect(stdout).toContain('note: row has fewer fields than the header: 1 (first at row 3)')
})

test.each([
  [['read', '--source', parts, '--table', 'other'], 'table_unknown', 65],
  [['read', '--source', parts, '--table', 'parts', '--columns', 'nope'], 'column_unknown', 65],
  [['read', '--source', parts, '--table', 'parts', '--limit', 'x'], 'bad_request', 2],
  [['read', '--source', join(folder.path, 'nowhere.csv'), '--table', 'x'], 'source_not_found', 66],
  [['inspect', folder.write('book.xlsb', 'PK')], 'source_unsupported', 65],
])('%j ends with %s and exit code %d', async (args, code, exitCode) => {
  const { exit, stdout, stderr } = await run(...args)
  expect(JSON.parse(stderr).code).toBe(code)
  expect(exit).toBe(exitCode)
  expect(stdout).toBe('')
})

test('a reader that goes away ends the reading without an error', async () => {
  const large = folder.write('large.csv', `a,b\n${'1,some text to fill a line\n'.repeat(400_000)}`)
  const read = `'${process.execPath}' '${runner}' read --source '${large}' --table large --json`
  const child = Bun.spawn(['bash', '-c', `set -o pipefail; ${read} | head -n 3`], { stdout: 'pipe', stderr: 'pipe' })
  expect((await new Response(child.stdout).text()).split('\n').length).toBe(4)
  expect(await new Response(child.stderr).text()).toBe('')
  expect(await child.exited).toBe(0)
})
