import { describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '../../server/contract/manifest'
import { buildIndex } from '../../server/engine/ann-index'
import { checkModels } from '../../server/pipeline/model-check'
import { activate } from '../../server/pipeline/registry'
import { flip, plant, prepare, table, who } from './sample-registry'
import { publishSample, sampleFiles, temporaryDirectory } from './sample-version'

describe('checking the models folder', () => {
  test('tells sound, damaged, missing, foreign and unregistered versions apart', async () => {
    const { db, models, versions, file } = await plant(4)
    const stray = await publishSample(models)
    mkdirSync(join(models, 'old-model'))
    writeFileSync(join(models, 'README.md'), '')
    mkdirSync(join(models, '2020.01.01_empty'))
    symlinkSync(temporaryDirectory(), join(models, '2020.01.01_link'))
    flip(file(1, 'vectors.f32'))
    unlinkSync(file(1, 'golden.jsonl'))
    rmSync(join(models, versions[2]), { recursive: true })
    writeFileSync(file(3, 'note.txt'), 'by hand')
    const rows = await checkModels(models, { db })
    expect(rows).toMatchObject([
      { version: '2020.01.01_empty', status: 'corrupt' },
      { version: '2020.01.01_link', status: 'corrupt' },
      { version: versions[0], status: 'ok', files: 5, bytes: 7_132, reason: null },
      { version: versions[1], status: 'corrupt', files: 3 },
      { version: versions[3], status: 'ok', files: 5 },
      { version: stray.version, status: 'unregistered', files: 5 },
      { version: 'old-model', status: 'skipped' },
      { version: versions[2], status: 'missing' },
    ])
    expect(rows[3].reason).toContain('vectors.f32')
    expect(rows[3].reason).toContain('golden.jsonl')
    expect(rows[4].reason).toContain('note.txt')
    expect(await table(join(models, 'nowhere'))).toEqual([])
  })

  test('writes a lost manifest of a registered version again, to the byte', async () => {
    const { db, models, versions, file } = await plant(1)
    const text = readFileSync(file(0, 'manifest.json'), 'utf8')
    unlinkSync(file(0, 'manifest.json'))
    chmodSync(join(models, versions[0]), 0o555)
    expect(await table(models, db)).toEqual([[versions[0], 'manifest written']])
    expect(readFileSync(file(0, 'manifest.json'), 'utf8')).toBe(text)
    expect(await table(models, db)).toEqual([[versions[0], 'ok']])
    await activate(db, models, { version: versions[0], ...who, prepare })
  })

  test('writes a manifest for a folder from elsewhere, names what it cannot know, and renames nothing', async () => {
    const models = temporaryDirectory()
    const directory = join(models, '2024.05.06_plant-b')
    mkdirSync(directory)
    for (const [name, bytes] of Object.entries(sampleFiles)) writeFileSync(join(directory, name), bytes)
    writeFileSync(join(directory, 'encoder.onnx'), 'x')
    expect(await table(models)).toEqual([['2024.05.06_plant-b', 'manifest written']])
    const manifest: Manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'))
    expect(Object.keys(manifest.files)).toEqual([...Object.keys(sampleFiles), 'encoder.onnx'].sort())
    expect(manifest.files['encoder.onnx'].optional).toBe(true)
    expect(manifest.parameters).toMatchObject({ recovered: true, unknown: expect.arrayContaining(['dimensions', 'counts.items']) })
    expect(await table(models)).toEqual([['2024.05.06_plant-b', 'ok']])
    flip(join(directory, 'index.usearch'))
    expect(await table(models)).toEqual([['2024.05.06_plant-b', 'corrupt']])
  })

  test('reads counts, dimensions and connectivity out of a real index', async () => {
    const models = temporaryDirectory()
    const directory = join(models, '2024.05.06_1')
    mkdirSync(directory)
    const [count, dimensions] = [50, 8]
    const vectors = Float32Array.from({ length: count * dimensions }, (_, at) =>
      at % dimensions === Math.floor(at / dimensions) % dimensions ? 1 : 0,
    )
    await buildIndex(vectors, { dimensions, directory, connectivity: 12, threads: 1 })
    expect(await table(models)).toEqual([['2024.05.06_1', 'manifest written']])
    const manifest: Manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'))
    expect(manifest).toMatchObject({ counts: { vectors: count }, dimensions, scalar: 'int8', index: { connectivity: 12 } })
    expect(manifest.parameters.unknown).not.toContain('dimensions')
  })
})
