/** Predictions for the rows of a file: the mapped columns by name, values as the plant writes them. */
import type { Attributes, Prediction, PredictRequest } from '../contract/predict'
import { DomainError } from '../domain/error'
import { openSource } from '../source/open'
import type { Cell } from '../source/source'
import type { Model } from './model'
import { predict } from './predict'

export type FileLine =
  | Prediction
  | { item: string | null; problem: { code: string; message: string; details?: { path: string; message: string }[] } }

type Options = Pick<PredictRequest, 'candidates' | 'topK' | 'efSearch' | 'recall' | 'ignoreOwnHistory'>

/**
 * One answer a row, in the file's order. A row that cannot be answered becomes a line with its problem; the others go on.
 * @throws source_not_found, source_unreadable, data_empty
 */
export async function* predictFile(model: Model, path: string, options: Options): AsyncGenerator<FileLine> {
  const source = await openSource(path)
  try {
    const tables = await source.tables()
    if (tables.length === 0) throw new DomainError('data_empty', 'the file of items holds no table')
    const { key } = model.mapping.items
    let row = 0
    for await (const cells of source.readRows(tables[0].name)) {
      row++
      const item = keyOf(cells, key)
      try {
        yield answer(model, item, cells, key, options, row)
      } catch (error) {
        if (!(error instanceof DomainError)) throw error
        yield { item: item ?? String(row), problem: { code: error.code, message: error.message, details: error.details } }
      }
    }
  } finally {
    await source.close()
  }
}

function answer(
  model: Model,
  item: string | null,
  cells: Record<string, Cell>,
  key: string | undefined,
  options: Options,
  row: number,
): Prediction {
  const attributes: Attributes = Object.fromEntries(Object.entries(cells).filter(([name]) => name !== key))
  const prediction = predict(model, { ...options, attributes, ...(item !== null && { item }) }, { lenient: true })
  // rows without a key are known by their place
  return { ...prediction, item: item ?? String(row) }
}

/** The item's key: the mapped column, with or without its table's alias. */
function keyOf(cells: Record<string, Cell>, key: string | undefined): string | null {
  if (key === undefined) return null
  const cell = cells[key] ?? cells[key.slice(key.lastIndexOf('.') + 1)] ?? null
  return cell === null || String(cell).trim() === '' ? null : String(cell).trim()
}
