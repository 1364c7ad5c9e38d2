/** The thread that copies the database: the event loop of a server must not wait for a whole file. */
import { backUp } from './backup'

declare const self: Worker

self.onmessage = ({ data }: MessageEvent<{ databasePath: string; at: number }>) => {
  try {
    self.postMessage({ backup: backUp(data.databasePath, { now: new Date(data.at) }) })
  } catch (error) {
    self.postMessage({ problem: error instanceof Error ? error.message : 'the copy failed' })
  }
}
