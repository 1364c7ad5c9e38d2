/** What a job wrote: one file a job, bounded; its last lines are shown. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { limits } from '../../contract/limits'
import type { JobLog } from '../../contract/training-job'

export const jobLogPath = (directory: string, id: number): string => join(directory, `job-${id}.log`)

export interface JobLogWriter {
  write: (text: string | Uint8Array) => void
  close: () => void
}

/** A log that cannot be written must not end a training: what is lost is lost. */
export function openJobLog(directory: string, id: number): JobLogWriter {
  let file: number | null = null
  let left: number = limits.jobLogBytesMax
  const quietly = (act: () => void) => {
    try {
      act()
    } catch {
      file = null
    }
  }
  quietly(() => {
    mkdirSync(directory, { recursive: true })
    file = openSync(jobLogPath(directory, id), 'a', 0o640)
  })
  return {
    write: (text) => {
      const bytes = typeof text === 'string' ? Buffer.from(text) : text
      if (file === null || left <= 0) return
      const part = bytes.subarray(0, left)
      left -= part.byteLength
      quietly(() => writeSync(file!, part))
    },
    close: () => quietly(() => file !== null && closeSync(file)),
  }
}

/** The last lines; none where nothing was written. */
export async function readJobLog(directory: string, id: number): Promise<JobLog> {
  const none: JobLog = { lines: [], truncated: false }
  const file = await open(jobLogPath(directory, id), 'r').catch(() => null)
  if (file === null) return none
  try {
    const { size } = await file.stat()
    const length = Math.min(size, tailBytesMax)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length)
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n').map(printable)
    if (lines.at(-1) === '') lines.pop()
    const cut = length < size
    if (cut) lines.shift()
    return { lines: lines.slice(-limits.jobLogLinesMax), truncated: cut || lines.length > limits.jobLogLinesMax }
  } finally {
    await file.close()
  }
}

const tailBytesMax = 512_000
/** Bars and colours of a terminal are no text. */
const printable = (line: string) =>
  line
    .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .slice(0, 2_000)
