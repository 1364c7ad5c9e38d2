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
  /** The questions' vectors as base64, for the product's own search. */
  searchPath: string
  /** The questions by number, for a peer that has the vectors. */
  peerPath: string
}

/** @param asked fields of every prediction @param k neighbours of every search @param hot how many are asked again and again */
export function mixBodies(folder: string, questions: Questions, { hot, asked, k }: { hot: number; asked: object; k: number }): Kinds {
  const bodies = readFileSync(questions.predictPath, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.stringify({ ...JSON.parse(line), ...asked }))
  const hotBodies = bodies.slice(0, hot)
  // what is hot in one kind must not be new in another; the halves of the rest are never asked by the other kind
  const rest = bodies.slice(hot)
  const fresh = rest.slice(0, rest.length >> 1)
  const between = rest.slice(rest.length >> 1)
  const vectors = readFileSync(questions.queriesPath)
  const bytes = 4 * questions.dimensions
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
    searchPath: write(
      'search.ndjson',
      bodies.map((_, at) => JSON.stringify({ vector: vectors.subarray(at * bytes, (at + 1) * bytes).toString('base64'), k })),
    ),
    peerPath: write(
      'peer-wide.ndjson',
      bodies.map((_, query) => JSON.stringify({ query, k })),
    ),
  }
}
