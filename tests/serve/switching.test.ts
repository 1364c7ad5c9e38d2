import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createServer } from 'node:net'
import type { Activated, ActivationIntentList, WorkerList } from '../../server/contract/activation'
import type { Prediction } from '../../server/contract/predict'
import type { ModelList } from '../../server/contract/version'
import { type Plant, startServer, stopLeftOver, trainTwice, until } from './live-server'

const password = 'an admin of nothing but this test'
const main = `${import.meta.dir}/../../server/main.ts`

async function command(args: string[], input = '') {
  const child = Bun.spawn([process.execPath, main, ...args], { stdin: new Blob([input]), stdout: 'pipe', stderr: 'pipe' })
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  if ((await child.exited) !== 0) throw new Error(err)
  return out
}

describe.if(process.platform === 'linux')('two workers switch versions', () => {
  let plant: Plant
  let server: Awaited<ReturnType<typeof startServer>>
  let key: Record<string, string>
  let admin: Record<string, string>
  const frozen: number[] = []
  beforeAll(async () => {
    plant = await trainTwice()
    const database = plant.store.slice(plant.store.indexOf('--database'))
    await command(['users', 'add', 'eva', '--admin', ...database], `${password}\n`)
    key = { authorization: `Bearer ${plant.key}` }
    const probe = createServer().listen(0, '127.0.0.1')
    const { port } = probe.address() as { port: number }
    await new Promise((closed) => probe.close(closed))
    server = await startServer(plant, '--workers', '2', '--port', String(port))
    const login = await server.post('/api/v1/auth/login', { login: 'eva', password })
    admin = {
      cookie: login.headers
        .getSetCookie()
        .map((one) => one.split(';')[0])
        .join('; '),
    }
  }, 300_000)
  afterAll(async () => {
    for (const pid of frozen) process.kill(pid, 'SIGCONT')
    await server?.stop()
    await stopLeftOver()
    plant?.remove()
  })

  // a connection of its own, so that either worker may get it
  const close = { connection: 'close' }
  /** What a worker that is killed had taken from the socket is lost with it: then another one is asked. */
  const get = async <T>(path: string): Promise<T> => {
    try {
      return (await (await server.call(path, { headers: { ...admin, ...close } })).json()) as T
    } catch {
      await Bun.sleep(50)
      return get(path)
    }
  }
  const post = (path: string, body: unknown) =>
    server.post(path, body, { headers: { 'content-type': 'application/json', ...admin, ...close } })
  const living = async () => (await get<WorkerList>('/api/v1/workers')).workers.filter(({ alive }) => alive)
  const state = async () => (await get<ModelList>('/api/v1/models')).state
  const example = async () => (await get<{ items: { item: string }[] }>('/api/v1/items?limit=1')).items[0].item
  const predictions = (count: number, epoch: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const headers = { 'content-type': 'application/json', ...key, ...close, 'x-require-epoch': String(epoch) }
        const answer = await server.post('/api/v1/predict', { item: await example(), candidates: 1, topK: 1 }, { headers })
        return { status: answer.status, ...((await answer.json()) as Prediction) }
      }),
    )

  test('an activation is answered when both serve the version, and a rollback is as well', async () => {
    const [first, second] = plant.versions
    const answer = await post(`/api/v1/models/${second}/activate`, { why: 'test', ifEpoch: 1, force: true })
    const { state: now, intent } = (await answer.json()) as Activated
    expect(answer.status).toBe(200)
    expect(now).toMatchObject({ active: second, previous: first, epoch: 2 })
    expect(intent.steps.find(({ step }) => step === 'swap')).toMatchObject({ status: 'done', note: '2 of 2 workers' })
    expect((await living()).map(({ version, epoch }) => ({ version, epoch }))).toEqual([
      { version: second, epoch: 2 },
      { version: second, epoch: 2 },
    ])
    for (const { status, version, epoch } of await predictions(10, 2))
      expect({ status, version, epoch }).toEqual({ status: 200, version: second, epoch: 2 })
    expect(await (await post('/api/v1/models/rollback', { why: 'back' })).json()).toMatchObject({ state: { active: first, epoch: 3 } })
    const refused = await post(`/api/v1/models/${second}/activate`, { why: 'late', ifEpoch: 2 })
    expect(refused.status).toBe(409)
    expect(await refused.json()).toMatchObject({ code: 'version_conflict', details: [{ path: 'epoch', message: 'is 3 now' }] })
  }, 60_000)

  test('without an admin nothing is switched; an epoch that never was is refused', async () => {
    const { epoch } = await state()
    for (const path of [`/api/v1/models/${plant.versions[1]}/activate`, '/api/v1/models/rollback']) {
      const nobody = { method: 'POST', body: '{"why":""}', headers: { 'content-type': 'application/json' } }
      expect((await fetch(new URL(path, server.ready.url), nobody)).status).toBe(401)
      expect((await server.post(path, { why: '' }, { headers: { 'content-type': 'application/json', ...key } })).status).toBe(403)
    }
    expect(await state()).toMatchObject({ epoch })
    const headers = { 'content-type': 'application/json', ...key, 'x-require-epoch': '99' }
    expect((await server.post('/api/v1/similar', { item: await example() }, { headers })).status).toBe(503)
  })

  test('one that was frozen is not waited for, and answers by the new version as soon as it goes on', async () => {
    const [one, two] = await living()
    const target = (await state()).active === plant.versions[0] ? plant.versions[1] : plant.versions[0]
    frozen.push(two.pid)
    process.kill(two.pid, 'SIGSTOP')
    // the command line leads: the frozen one must not get the request
    const said = JSON.parse(await command(['models', 'activate', target, '--why', 'frozen', '--force', ...plant.store, '--json']))
    expect(said.version).toBe(target)
    process.kill(two.pid, 'SIGCONT')
    frozen.pop()
    const answers = await predictions(20, 0)
    // it may have to open the version first, and says so
    const served = answers.filter(({ status }) => status === 200)
    expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true)
    expect(new Set(served.map(({ version }) => version))).toEqual(new Set([target]))
    expect(await until(async () => (await living()).every(({ epoch }) => epoch === said.epoch))).toBe(true)
    expect(one.pid).not.toBe(two.pid)
  }, 60_000)

  test('one that is killed while it prepares, and a leader that is killed: neither leaves anything half', async () => {
    const before = await state()
    const target = before.active === plant.versions[0] ? plant.versions[1] : plant.versions[0]
    const [, two] = await living()
    frozen.push(two.pid)
    process.kill(two.pid, 'SIGSTOP')
    const leader = Bun.spawn([process.execPath, main, 'models', 'activate', target, '--why', 'killed', '--force', ...plant.store], {
      stdout: 'ignore',
      stderr: 'ignore',
    })
    const intents = async () => (await get<ActivationIntentList>('/api/v1/models/switches')).intents
    const newest = async () => (await intents())[0]
    // reads go to the worker that is awake: connections of the frozen one would hang
    await Bun.sleep(700)
    process.kill(two.pid, 'SIGKILL')
    frozen.pop()
    leader.kill('SIGKILL')
    await leader.exited
    expect(await until(async () => (await newest()).status !== 'preparing', 15_000)).toBe(true)
    const after = await state()
    const { status, version } = await newest()
    // it had committed before it was killed, or it was given up: both are whole
    if (status === 'aborted') expect(after).toMatchObject({ active: before.active, epoch: before.epoch })
    else expect(after).toMatchObject({ active: version, epoch: before.epoch + 1 })
    expect(await until(async () => (await living()).filter(({ epoch }) => epoch === after.epoch).length === 2, 15_000)).toBe(true)
    const next = after.active === plant.versions[0] ? plant.versions[1] : plant.versions[0]
    const answer = await post(`/api/v1/models/${next}/activate`, { why: 'goes on', force: true })
    expect(answer.status).toBe(200)
    for (const { version: served } of await predictions(10, after.epoch + 1)) expect(served).toBe(next)
  }, 90_000)
})
