import { describe, expect, test } from 'bun:test'
import { DomainError } from '../../server/domain/error'
import { parseEnv } from '../../server/env'

const problemOf = (...args: Parameters<typeof parseEnv>) => {
  try {
    parseEnv(...args)
  } catch (error) {
    if (error instanceof DomainError)
      return { code: error.code, paths: error.details?.map(({ path }) => path), text: JSON.stringify(error.details) }
  }
  return null
}

describe('settings', () => {
  test('have defaults: this machine only, as many processes as it has cores', () => {
    expect(parseEnv({})).toMatchObject({
      port: 8080,
      host: '127.0.0.1',
      modelsDirectory: './models',
      databasePath: './data/routewright.sqlite',
      workers: 0,
      worker: 0,
      logLevel: 'info',
    })
  })

  test('come from the environment, and flags win', () => {
    const variables = { ROUTEWRIGHT_PORT: '9000', ROUTEWRIGHT_MODELS: '/m', ROUTEWRIGHT_HOST: '0.0.0.0', PATH: '/bin' }
    expect(parseEnv(variables, { port: '9001', modelsDirectory: undefined })).toMatchObject({
      port: 9001,
      modelsDirectory: '/m',
      host: '0.0.0.0',
    })
  })

  test('an empty variable is none', () => {
    expect(parseEnv({ ROUTEWRIGHT_PORT: '' }).port).toBe(8080)
  })

  const wrong: [string, Parameters<typeof parseEnv>, string][] = [
    ['a port that is no number', [{ ROUTEWRIGHT_PORT: 'se-cret' }], 'ROUTEWRIGHT_PORT'],
    ['a port beyond the range', [{}, { port: '65536' }], '--port'],
    ['half a port', [{}, { port: '80.5' }], '--port'],
    ['too many workers', [{}, { workers: '257' }], '--workers'],
    ['an unknown level', [{ ROUTEWRIGHT_LOG_LEVEL: 'se-cret' }], 'ROUTEWRIGHT_LOG_LEVEL'],
  ]
  for (const [name, args, path] of wrong) {
    test(`${name} is refused by its name, without its value`, () => {
      const problem = problemOf(...args)
      expect(problem?.code).toBe('bad_request')
      expect(problem?.paths).toContain(path)
      expect(problem?.text).not.toContain('se-cret')
    })
  }
})
