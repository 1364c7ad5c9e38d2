/** Signatures: the distinct operation sequences of a set of routings. */

export interface Signatures {
  count: number
  /** Signature of each routing. */
  of: Uint32Array
  /** CSR: operations of signature s are operations[offsets[s] … offsets[s+1]]. */
  offsets: Uint32Array
  operations: Uint32Array
}

/** A text key of a sequence of operation codes; equal sequences have equal keys and no others. */
export function sequenceKey(operations: Uint32Array): string {
  let key = ''
  for (const operation of operations) key += String.fromCharCode(operation & 0xffff, operation >>> 16)
  return key
}

/** Groups routings by their operations. */
export function findSignatures(stepOffsets: Uint32Array, stepOperations: Uint32Array): Signatures {
  const routings = stepOffsets.length - 1
  const of = new Uint32Array(routings)
  const byKey = new Map<string, number>()
  const first: number[] = []
  for (let routing = 0; routing < routings; routing++) {
    const key = sequenceKey(stepOperations.subarray(stepOffsets[routing], stepOffsets[routing + 1]))
    let signature = byKey.get(key)
    if (signature === undefined) {
      signature = first.length
      byKey.set(key, signature)
      first.push(routing)
    }
    of[routing] = signature
  }
  const offsets = new Uint32Array(first.length + 1)
  first.forEach((routing, signature) => {
    offsets[signature + 1] = offsets[signature] + stepOffsets[routing + 1] - stepOffsets[routing]
  })
  const operations = new Uint32Array(offsets[first.length])
  first.forEach((routing, signature) => {
    operations.set(stepOperations.subarray(stepOffsets[routing], stepOffsets[routing + 1]), offsets[signature])
  })
  return { count: first.length, of, offsets, operations }
}
