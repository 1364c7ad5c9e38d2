/** A plant of some of the items: for held-out evaluation. Dictionaries stay as they are, so codes keep their meaning. */
import type { Column, Items, Plant, Steps, TextColumn } from './plant'

/** @param rows item rows to keep, ascending */
export function subsetPlant(plant: Plant, rows: Uint32Array): Plant {
  const { items, routings, steps, results } = plant
  const routingRows: number[] = []
  const itemOffsets = new Uint32Array(rows.length + 1)
  rows.forEach((row, index) => {
    for (let routing = routings.itemOffsets[row]; routing < routings.itemOffsets[row + 1]; routing++) routingRows.push(routing)
    itemOffsets[index + 1] = routingRows.length
  })
  const stepRows: number[] = []
  const stepOffsets = new Uint32Array(routingRows.length + 1)
  routingRows.forEach((routing, index) => {
    for (let step = routings.stepOffsets[routing]; step < routings.stepOffsets[routing + 1]; step++) stepRows.push(step)
    stepOffsets[index + 1] = stepRows.length
  })
  const newItem = new Map(Array.from(rows, (row, index) => [row, index]))
  const newStep = new Map(stepRows.map((step, index) => [step, index]))
  const kept = Array.from({ length: results.count }, (_, row) => row).filter((row) => newStep.has(results.step[row]))
  return {
    items: subsetItems(items, rows),
    routings: {
      count: routingRows.length,
      itemOffsets,
      item: Uint32Array.from(routingRows, (routing) => newItem.get(routings.item[routing])!),
      label: routingRows.map((routing) => routings.label[routing]),
      orders: Uint32Array.from(routingRows, (routing) => routings.orders[routing]),
      stepOffsets,
    },
    steps: subsetSteps(steps, stepRows),
    results: {
      count: kept.length,
      step: Uint32Array.from(kept, (row) => newStep.get(results.step[row])!),
      setup: Float64Array.from(kept, (row) => results.setup[row]),
      run: Float64Array.from(kept, (row) => results.run[row]),
    },
  }
}

function subsetItems(items: Items, rows: Uint32Array): Items {
  const column = (from: Column): Column =>
    from.kind === 'text' ? subsetText(from, rows) : { kind: 'number', values: Float64Array.from(rows, (row) => from.values[row]) }
  return {
    count: rows.length,
    keys: Array.from(rows, (row) => items.keys[row]),
    title: items.title && subsetText(items.title, rows),
    family: items.family && subsetText(items.family, rows),
    features: items.features.map(({ name, feature, column: from }) => ({ name, feature, column: column(from) })),
  }
}

function subsetSteps(steps: Steps, rows: number[]): Steps {
  const numbers = (from: Float64Array) => Float64Array.from(rows, (row) => from[row])
  return {
    ...steps,
    count: rows.length,
    sequence: Int32Array.from(rows, (row) => steps.sequence[row]),
    operation: subsetText(steps.operation, rows),
    resource: subsetText(steps.resource, rows),
    inside: Uint8Array.from(rows, (row) => steps.inside[row]),
    batch: Uint8Array.from(rows, (row) => steps.batch[row]),
    partner: subsetText(steps.partner, rows),
    leadTimeDays: numbers(steps.leadTimeDays),
    setup: numbers(steps.setup),
    run: numbers(steps.run),
    queue: numbers(steps.queue),
    wait: numbers(steps.wait),
    move: numbers(steps.move),
    actualSetup: numbers(steps.actualSetup),
    actualRun: numbers(steps.actualRun),
  }
}

const subsetText = (column: TextColumn, rows: ArrayLike<number>): TextColumn => ({
  kind: 'text',
  dictionary: column.dictionary,
  codes: Uint32Array.from(rows, (row) => column.codes[row]),
})
