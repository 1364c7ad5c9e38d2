/** Candidates side by side: steps are aligned by operation, never by sequence number. Pure. */
export interface AlignedRow {
  operation: string
  /** Index of the step in each candidate, null where the candidate has no such step here. */
  cells: (number | null)[]
}

/** Longest common subsequence as pairs of positions; the earliest pairing when several are equally long. */
function common(left: readonly string[], right: readonly string[]): [number, number][] {
  const width = right.length + 1
  const length = new Uint16Array((left.length + 1) * width)
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      length[i * width + j] =
        left[i] === right[j] ? length[(i + 1) * width + j + 1] + 1 : Math.max(length[(i + 1) * width + j], length[i * width + j + 1])
    }
  }
  const pairs: [number, number][] = []
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    if (left[i] === right[j]) pairs.push([i++, j++])
    else if (length[(i + 1) * width + j] >= length[i * width + j + 1]) i++
    else j++
  }
  return pairs
}

/** Rows in an order that respects every candidate: each one is merged into the rows of those before it. */
export function alignOperations(candidates: readonly (readonly string[])[]): AlignedRow[] {
  let rows: AlignedRow[] = []
  candidates.forEach((operations, column) => {
    const pairs = common(
      rows.map((row) => row.operation),
      operations,
    )
    const merged: AlignedRow[] = []
    let row = 0
    let step = 0
    for (const [rowAt, stepAt] of [...pairs, [rows.length, operations.length] as const]) {
      for (; row < rowAt; row++) merged.push({ ...rows[row], cells: [...rows[row].cells, null] })
      for (; step < stepAt; step++) merged.push({ operation: operations[step], cells: [...Array(column).fill(null), step] })
      if (rowAt < rows.length) {
        merged.push({ ...rows[row], cells: [...rows[row].cells, step] })
        row++
        step++
      }
    }
    rows = merged
  })
  return rows
}
