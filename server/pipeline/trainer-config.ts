/** Reads trainer_config.yaml: defaults, then the file, validated as a whole. */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { parse } from 'yaml'
import { TrainerConfig } from '../contract/training'
import { DomainError } from '../domain/error'

const DEFAULT_FILE = join(import.meta.dir, 'trainer_config.yaml')

/** @throws bad_request with the places that do not fit */
export function readTrainerConfig(path: string = DEFAULT_FILE): TrainerConfig {
  let raw: unknown
  try {
    raw = parse(readFileSync(path, 'utf8')) ?? {}
  } catch (cause) {
    throw new DomainError('bad_request', 'the trainer configuration cannot be read', {
      details: [{ path, message: 'missing or not YAML' }],
      cause,
    })
  }
  const config = Value.Default(TrainerConfig, raw)
  if (!Value.Check(TrainerConfig, config)) {
    const details = [...Value.Errors(TrainerConfig, config)].slice(0, 20).map(({ path: at, message }) => ({ path: at, message }))
    throw new DomainError('bad_request', 'the trainer configuration does not fit its schema', { details })
  }
  return { ...config, threads: config.threads || availableParallelism() }
}
