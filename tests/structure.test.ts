/** The shape of the code, read from its import lines: who may know whom (design §2), and that every route names a role. */
import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { createApp } from '../server/app'
import { Admission } from '../server/http/admission'
import { createClients } from '../server/http/client'
import { createCookies } from '../server/http/cookies'
import { EventStreams } from '../server/http/event-stream'
import { sampleServices } from './http/sample-services'

const root = join(import.meta.dir, '..')

/** Folder (or top-level file) of server/ → what it may import from server/, besides itself. */
const arrows: Record<string, string[]> = {
  contract: [],
  domain: ['contract'],
  engine: ['contract', 'domain'],
  source: ['contract', 'domain'],
  artifacts: ['contract', 'domain'],
  store: ['contract', 'domain'],
  pipeline: ['contract', 'domain', 'engine', 'source', 'artifacts', 'store'],
  http: ['contract', 'domain'],
  features: ['contract', 'domain', 'http'],
  'app.ts': ['contract', 'domain', 'http', 'features'],
  'services.ts': ['contract', 'domain', 'engine', 'source', 'artifacts', 'store', 'pipeline'],
  'env.ts': ['contract', 'domain'],
  'log.ts': ['contract', 'domain', 'http', 'log-error.ts', 'log-file.ts'],
  'log-error.ts': [],
  'log-file.ts': ['log-archive.ts'],
  'log-archive.ts': [],
  'stop-signal.ts': [],
  'repair.ts': ['store'],
  'drain.ts': [],
  'worker-count.ts': [],
  'ready-line.ts': ['env.ts'],
  'serve.ts': [
    'repair.ts',
    'contract',
    'domain',
    'http',
    'app.ts',
    'drain.ts',
    'env.ts',
    'log.ts',
    'ready-line.ts',
    'services.ts',
    'stop-signal.ts',
  ],
  // It loads neither the application nor the engine: workers must not wait for it.
  'supervisor.ts': ['repair.ts', 'contract', 'domain', 'http', 'env.ts', 'ready-line.ts', 'stop-signal.ts'],
  cli: [
    'contract',
    'domain',
    'engine',
    'source',
    'artifacts',
    'store',
    'pipeline',
    'env.ts',
    'log.ts',
    'services.ts',
    'serve.ts',
    'stop-signal.ts',
    'supervisor.ts',
    'worker-count.ts',
  ],
  'main.ts': ['cli'],
}

interface Import {
  file: string
  specifier: string
  line: string
}

function filesBelow(directory: string, ending: RegExp): string[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name).split(sep).join('/'))
    .filter((name) => ending.test(name) && !name.includes('node_modules/') && !name.includes('/dist/'))
}

/** Also dynamic imports and re-exports; comments are not code. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const found = text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])([^'"\n]+)\1/g)
  return [...found].map((match) => ({ file, specifier: match[2], line: match[0] }))
}

const place = (path: string) => path.replace(/^server\//, '').split('/')[0]!

/** The file or folder of server/ that a relative import leads to; null outside of server/. */
function target({ file, specifier }: Import): string | null {
  const path = relative(root, join(root, dirname(file), specifier))
    .split(sep)
    .join('/')
  if (!path.startsWith('server/')) return null
  const first = place(path)
  return first in arrows || first.includes('.') ? first : `${first}.ts`
}

const serverFiles = filesBelow('server', /\.ts$/)
const serverImports = serverFiles.flatMap(importsOf)

test('there is code to look at', () => {
  expect(serverFiles.length).toBeGreaterThan(50)
  expect(serverImports.length).toBeGreaterThan(200)
})

test('every file of the server lies where the design knows a place', () => {
  expect(serverFiles.filter((file) => !(place(file) in arrows))).toEqual([])
})

test('imports run one way', () => {
  const wrong = serverImports
    .filter(({ specifier }) => specifier.startsWith('.'))
    .filter((one) => {
      const from = place(one.file)
      const to = target(one)
      return to !== null && to !== from && !arrows[from]?.includes(to)
    })
    .map(({ file, specifier }) => `${file} imports ${specifier}`)
  expect(wrong).toEqual([])
})

test('imports are relative or of a package: no aliases', () => {
  const odd = serverImports.filter(({ specifier }) => /^(@\/|~|#|\/)/.test(specifier))
  expect(odd).toEqual([])
})

test('only the engine knows the addon', () => {
  const others = serverImports.filter(
    ({ file, specifier }) => !file.startsWith('server/engine/') && /\.node$|native\/addon/.test(specifier),
  )
  expect(others.map(({ file }) => file)).toEqual([])
})

test('the domain is pure: no wait, clock, random, file, database', () => {
  const impure = filesBelow('server/domain', /\.ts$/).flatMap((file) => {
    const code = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    const packages = importsOf(file).filter(({ specifier }) => /^(node:|bun|drizzle|elysia)/.test(specifier))
    const calls = code.match(/\bawait\b|\bMath\.random\b|\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bcrypto\b|\bBun\./g) ?? []
    return [...packages.map(({ specifier }) => `${file}: ${specifier}`), ...calls.map((call) => `${file}: ${call}`)]
  })
  expect(impure).toEqual([])
})

test('the screens see the contract and the type of the app only', () => {
  const others = filesBelow('ui', /\.(ts|vue)$/)
    // The development server shows the fixtures of the tests; it is no part of the build.
    .filter((file) => !file.startsWith('ui/dev/'))
    .flatMap(importsOf)
    .filter(({ file, specifier }) => {
      if (!specifier.startsWith('.')) return false
      const path = relative(root, join(root, dirname(file), specifier))
        .split(sep)
        .join('/')
      return !/^(ui\/|server\/contract\/|server\/app(\.ts)?$|package\.json$)/.test(path)
    })
  expect(others.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([])
})

test('no index files: every import names its file', () => {
  expect(serverFiles.filter((file) => file.endsWith('/index.ts'))).toEqual([])
})

test('no source file and no test is longer than 300 lines', () => {
  const tests = filesBelow('tests', /\.ts$/)
  const long = [...serverFiles, ...filesBelow('ui', /\.(ts|vue)$/), ...tests]
    .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > 300)
  expect(long).toEqual([])
})

describe('routes', () => {
  const clients = createClients([])
  const app = createApp({
    services: sampleServices(),
    authenticate: () => null,
    web: { clientOf: clients.of, cookies: createCookies({ clientOf: clients.of, plainAllowed: true }) },
    admission: new Admission(),
    streams: new EventStreams({ authenticate: () => null }),
    site: async () => '',
    writeAccess: () => {},
    report: () => {},
  })
  const routes = app.routes.map(({ method, path, hooks }) => ({ name: `${method} ${path}`, path, hooks: hooks as Record<string, unknown> }))

  test('every route names its role', () => {
    const roles = ['public', 'self', 'user', 'admin']
    expect(routes.length).toBeGreaterThan(15)
    const roleOf = ({ hooks }: (typeof routes)[number]) => String((hooks.detail as { 'x-role'?: string } | undefined)?.['x-role'])
    expect(routes.filter((route) => !roles.includes(roleOf(route))).map(({ name }) => name)).toEqual([])
  })

  test('every route of the API that takes a body bounds and parses it itself', () => {
    const open = routes.filter(({ hooks }) => hooks.body !== undefined && !Array.isArray(hooks.parse))
    expect(open.map(({ name }) => name)).toEqual([])
  })

  test('every answer in JSON has a schema for each status', () => {
    const streams = ['POST /api/v1/predict/batch', 'GET /api/v1/events']
    const without = routes.filter(
      ({ path, name, hooks }) => /^\/(api\/v1|livez|readyz|health)/.test(path) && !hooks.response && !streams.includes(name),
    )
    expect(without.map(({ name }) => name)).toEqual([])
  })
})
