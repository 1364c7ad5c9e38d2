/** A table of the plant as it goes out: JSON that was made once for all who ask. */
export interface JsonTable {
  version: string
  epoch: number
  /** Where the configuration has a say in it. */
  configRev?: number
  /** Of the question and of what it was asked: the same in every process. */
  etag: string
  /** Null when the asker has it already. */
  json: Uint8Array | null
}
