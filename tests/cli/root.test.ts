import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { commands } from '../../server/cli/command'
import { failure } from '../../server/cli/failure'
import { problemCodes } from '../../server/contract/problem'
import { DomainError } from '../../server/domain/error'

async function routewright(...args: string[]) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, '../../server/main.ts'), ...args], { stdout: 'pipe', stderr: 'pipe' })
  const [stdout, stderr, exitCode] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited])
  return { stdout, stderr, exitCode }
}

describe('the root', () => {
  test('shows every command and every exit code without loading any', async () => {
    const startedAt = performance.now()
    const { stdout, exitCode } = await routewright('--help')
    expect(exitCode).toBe(0)
    for (const name of Object.keys(commands)) expect(stdout).toContain(`  ${name} `)
    for (const exit of new Set(Object.values(problemCodes).map(({ exit }) => exit)))
      expect(stdout).toMatch(new RegExp(`^ +${exit}  \\w`, 'm'))
    expect(stdout).not.toContain('\u001b')
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  test('says the same as JSON', async () => {
    const { stdout } = await routewright('--help', '--json')
    const help = JSON.parse(stdout)
    expect(help.commands.map(({ name }: { name: string }) => name)).toEqual(Object.keys(commands))
    const codes = help.exitCodes.flatMap((entry: { codes: string[] }) => entry.codes)
    expect(codes.sort()).toEqual(Object.keys(problemCodes).sort())
  })

  const wrong: [string, string[]][] = [
    ['an unknown command', ['nonsense']],
    ['an option before the command', ['--port', '5']],
    ['an unknown option', ['serve', '--prot', '5']],
    ['a value that is none', ['serve', '--port', 'abc']],
    ['a port that is none', ['serve', '--port', '70000']],
  ]
  for (const [name, args] of wrong) {
    test(`${name} ends with 2 and one line of JSON`, async () => {
      const { stdout, stderr, exitCode } = await routewright(...args, '--json')
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
      expect(stderr.trimEnd().split('\n').length).toBe(1)
      expect(JSON.parse(stderr)).toMatchObject({ code: 'bad_request' })
    })
  }

  test('a wrong setting in the environment is named by its variable', async () => {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, '../../server/main.ts'), 'serve', '--json'], {
      env: { ...process.env, ROUTEWRIGHT_PORT: 'nine' },
      stderr: 'pipe',
    })
    expect(JSON.parse(await new Response(child.stderr).text()).details).toEqual([{ path: 'ROUTEWRIGHT_PORT', message: 'Expected integer' }])
    expect(await child.exited).toBe(2)
  })
})

describe.each(Object.keys(commands))('%s', (name) => {
  test('has help as text and as JSON', async () => {
    const [text, json] = await Promise.all([routewright(name, '--help'), routewright(name, '--help', '--json')])
    expect(text).toMatchObject({ exitCode: 0, stderr: '' })
    expect(text.stdout).toContain(`routewright ${name}`)
    expect(JSON.parse(json.stdout)).toMatchObject({ name: `routewright ${name}` })
  })
})

describe('an error of a command', () => {
  test('of the closed list: its code, its exit code, its details', () => {
    const error = new DomainError('column_unknown', 'no such column', { details: [{ path: 'A', message: 'unknown' }] })
    const { exitCode, lines } = failure(error, { json: true, debug: false })
    expect(exitCode).toBe(65)
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { code: 'column_unknown', message: 'no such column', details: [{ path: 'A', message: 'unknown' }] },
    ])
  })

  test('of any other kind: internal, 70, nothing of its text and no stack', () => {
    const { exitCode, lines } = failure(new Error('secret path'), { json: false, debug: false })
    expect(exitCode).toBe(70)
    expect(lines.join()).not.toContain('secret')
    expect(lines.length).toBe(1)
  })

  test('shows the stack when asked', () => {
    const { lines } = failure(new Error('why'), { json: false, debug: true })
    expect(lines.join('\n')).toContain('root.test.ts')
  })
})
