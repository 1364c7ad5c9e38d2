/** The sizes that a ZIP archive states in its central directory, read before anything is unpacked. */

const endOfDirectory = 0x06054b50
const directoryEntry = 0x02014b50
/** Stated as 0xffffffff when the real size stands in a ZIP64 field: more than any workbook has. */
const endBytes = 22
const commentBytesMax = 65_535

/** Sum of the unpacked sizes; null when the bytes are no ZIP archive. A lying archive still meets the bound on cells. */
export function inflatedBytes(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let end = bytes.length - endBytes
  const lowest = Math.max(0, end - commentBytesMax)
  while (end >= lowest && view.getUint32(end, true) !== endOfDirectory) end--
  if (end < lowest) return null
  const entries = view.getUint16(end + 10, true)
  let at = view.getUint32(end + 16, true)
  let total = 0
  for (let entry = 0; entry < entries; entry++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== directoryEntry) return null
    total += view.getUint32(at + 24, true)
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return total
}
