/** The same questions as bodies of requests that were never asked, of which every second was, and that all were. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Questions } from './questions'

export interface Kinds {
  /** NDJSON, one body a line. None comes twice. */
  newPath: string
  /** One of the hot ones and a new one in turn. */
  halfPath: string
  hotPath: string
}

/** @param asked fields of every prediction @param hot how many are asked again and again */
export function mixBodies(folder: string, questions: Questions, { hot, asked }: { hot: number; asked: object }): Kinds {
  const bodies = readFileSync(questions.predictPath, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.stringify({ ...JSON.parse(line), ...asked }))
  const hotBodies = bodies.slice(0, hot)
  // what is hot in one kind must not be new in another; the halves of the rest are never asked by the other kind
  const rest = bodies.slice(hot)
  const fresh = rest.slice(0, rest.length >> 1)
  const between = rest.slice(rest.length >> 1)
  const write = (name: string, lines: string[]) => {
    const path = join(folder, name)
    writeFileSync(path, `${lines.join('\n')}\n`)
    return path
  }
  return {
    newPath: write('new.ndjson', fresh),
    halfPath: write(
      'half.ndjson',
      between.flatMap((body, at) => [hotBodies[at % hot], body]),
    ),
    hotPath: write('hot.ndjson', hotBodies),
  }
}
