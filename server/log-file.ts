/**
 * One log file of one process: lines wait in a bounded ring and are appended in the background, a batch at most each second, so that
 * no request ever waits for the disk. A disk that is full, read-only or gone costs lines, which are counted, and nothing else; when
 * it is back, writing goes on by itself. A file that is large or of yesterday is put aside and compressed (log-archive.ts).
 * A process never shares its file with another.
 */
import { mkdirSync } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { archive, tidyArchive } from './log-archive'

export interface LogFileOptions {
  path: string
  /** A file beyond this is put aside. */
  bytesMax?: number
  /** Files put aside that are kept, and their bytes together. */
  filesMax?: number
  totalBytesMax?: number
  /** Lines that wait for the disk. */
  ringBytesMax?: number
  flushMs?: number
  now?: () => Date
}

export interface LogFileStatus {
  /** Lines lost since the start of the process. */
  dropped: number
  waitingBytes: number
  /** Why the last attempt failed, as an errno; null when it did not. */
  problem: string | null
}

export interface LogFile {
  /** Takes a line, newline included. Never waits, never throws. */
  write: (line: string) => void
  /** Opens the file by its name again: it was renamed by a tool outside (SIGHUP). */
  reopen: () => void
  status: () => LogFileStatus
  /** Writes what waits, if the disk lets it. */
  close: () => Promise<void>
}

const batchBytes = 65_536
/** Of one write: what piled up while the disk was away goes out in pieces. */
const writeBytesMax = 1_048_576
const newline = 10

export function openLogFile({
  path,
  bytesMax = 64_000_000,
  filesMax = 10,
  totalBytesMax = 640_000_000,
  ringBytesMax = 8_000_000,
  flushMs = 1_000,
  now = () => new Date(),
}: LogFileOptions): LogFile {
  let lines: string[] = []
  /** Lines before this one are written or lost: shifting an array of thousands each time would cost. */
  let first = 0
  let waitingBytes = 0
  let dropped = 0
  let problem: string | null = null
  let file: { handle: FileHandle; ino: number; size: number; day: string } | null = null
  let forgetFile = false
  let timer: ReturnType<typeof setTimeout> | null = null
  let flushing: Promise<void> | null = null
  let tidying = Promise.resolve()
  let closed = false

  const write = (line: string): void => {
    if (closed) return void dropped++
    lines.push(line)
    waitingBytes += line.length
    while (waitingBytes > ringBytesMax && first < lines.length) {
      waitingBytes -= lines[first].length
      lines[first++] = ''
      dropped++
    }
    if (first > 1_024 && first * 2 > lines.length) compact()
    schedule(waitingBytes >= batchBytes && problem === null ? 0 : flushMs)
  }
  const compact = () => {
    lines = lines.slice(first)
    first = 0
  }
  const schedule = (ms: number) => {
    if (flushing !== null || closed || (timer !== null && ms > 0)) return
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(() => void flush(), ms)
    // a process that has nothing else to do ends; close() writes what waits
    timer.unref()
  }

  const flush = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    flushing ??= writeAll().finally(() => {
      flushing = null
      if (first < lines.length) schedule(flushMs)
    })
    return flushing
  }

  async function writeAll(): Promise<void> {
    try {
      while (first < lines.length) await writeBatch()
      problem = null
    } catch (error) {
      problem = (error as NodeJS.ErrnoException).code ?? 'unknown'
      await forget()
    }
  }

  /** Takes lines off the ring only to put them back when they could not be written: lines that came meanwhile come after them. */
  async function writeBatch(): Promise<void> {
    const day = now().toISOString().slice(0, 10)
    let current = await currentFile()
    if (current.size > 0 && (current.size >= bytesMax || current.day !== day)) {
      await forget()
      await archive(path, now())
      // one after the other, and beside the writing
      tidying = tidying.then(() => tidyArchive(path, { filesMax, totalBytesMax })).catch(() => {})
      current = await currentFile()
    }
    let end = first
    const room = Math.min(writeBytesMax, Math.max(bytesMax - current.size, 1))
    for (let bytes = 0; end < lines.length && bytes < room; end++) bytes += lines[end].length
    const taken = lines.slice(first, end)
    const buffer = Buffer.from(taken.join(''))
    first = end
    waitingBytes -= taken.reduce((sum, line) => sum + line.length, 0)
    compact()
    try {
      await append(current, buffer)
    } catch (error) {
      putBack(taken)
      throw error
    }
  }

  function putBack(taken: string[]): void {
    compact()
    lines = [...taken, ...lines]
    waitingBytes += taken.reduce((sum, line) => sum + line.length, 0)
    while (waitingBytes > ringBytesMax && first < lines.length) {
      waitingBytes -= lines[first++].length
      dropped++
    }
  }

  /** All or nothing: half a batch on a full disk is taken back, so that no line is torn and none is there twice. */
  async function append(current: NonNullable<typeof file>, buffer: Buffer): Promise<void> {
    let written = 0
    try {
      while (written < buffer.length) {
        const { bytesWritten } = await current.handle.write(buffer, written)
        if (bytesWritten === 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
        written += bytesWritten
      }
    } catch (error) {
      if (written > 0) await current.handle.truncate(current.size)
      throw error
    }
    current.size += buffer.length
  }

  /** The file under its name: opened again when the name leads elsewhere or nowhere. */
  async function currentFile(): Promise<NonNullable<typeof file>> {
    const found = await stat(path).catch(() => null)
    if (forgetFile || (file !== null && found?.ino !== file.ino)) await forget()
    if (file === null) {
      makeFolder(path)
      file = await openWhole(path, now)
    }
    return file
  }

  async function forget(): Promise<void> {
    forgetFile = false
    const handle = file?.handle
    file = null
    await handle?.close().catch(() => {})
  }

  return {
    write,
    reopen: () => {
      forgetFile = true
      void flush()
    },
    status: () => ({ dropped, waitingBytes, problem }),
    close: async () => {
      closed = true
      await flush()
      // what came while a flush was under way
      await flush()
      dropped += lines.length - first
      await forget()
    },
  }
}

/** Of the folder only the last part: where its parent is gone, a disk is not mounted, and nothing belongs there. */
function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path))
  } catch {
    // it exists; or opening will say what is wrong
  }
}

/** Opens for appending; what a killed process left without its newline is cut off. */
async function openWhole(path: string, now: () => Date) {
  const handle = await open(path, 'a+', 0o640)
  try {
    const { size, ino, mtime } = await handle.stat()
    const whole = await wholeLength(handle, size)
    if (whole < size) await handle.truncate(whole)
    return { handle, ino, size: whole, day: (size === 0 ? now() : mtime).toISOString().slice(0, 10) }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function wholeLength(handle: FileHandle, size: number): Promise<number> {
  const tail = Buffer.alloc(Math.min(size, writeBytesMax))
  if (tail.length === 0) return 0
  await handle.read(tail, 0, tail.length, size - tail.length)
  if (tail[tail.length - 1] === newline) return size
  return size - tail.length + tail.lastIndexOf(newline) + 1
}
