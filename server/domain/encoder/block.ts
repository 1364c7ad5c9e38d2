/** One attribute's part of the vector. A block's code has norm 1 for a value and is all zero when the value is missing. */

interface BlockBase {
  /** The attribute's name. */
  name: string
  /** Prior or learned weight of the attribute, > 0. */
  weight: number
  /** First dimension and number of dimensions. */
  offset: number
  size: number
}

/** Soft position on a scale: overlapping bumps at even knots, so that near values are near and far ones orthogonal. */
export interface NumberBlock extends BlockBase {
  kind: 'number'
  scale: 'log' | 'linear'
  /** Position of the first knot and distance between knots, on the (log) scale. */
  start: number
  step: number
  /** Smallest and largest value seen in training. */
  min: number
  max: number
}

/** Frequent values have a dimension of their own; the rest share the last `tail` dimensions by sign patterns. */
export interface CategoryBlock extends BlockBase {
  kind: 'category'
  own: string[]
  tail: number
}

/** Codes by their prefixes, text by its words and character trigrams; both hashed over the whole block. */
export interface TokenBlock extends BlockBase {
  kind: 'code' | 'text'
}

export type Block = NumberBlock | CategoryBlock | TokenBlock

/** What an encoder is asked for: a value as parsed by `parseAttribute`. */
export type AttributeInput = string | number | null
