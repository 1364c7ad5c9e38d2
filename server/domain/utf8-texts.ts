/** Texts that lie one behind the other as UTF-8, as a column file has them: to be copied without being decoded. */
export interface Utf8Texts {
  bytes: Uint8Array
  /** The text of a row begins at its offset and ends at the next one's. */
  offsets: ArrayLike<number>
}
