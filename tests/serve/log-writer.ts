/** Writes numbered lines to a log file as fast as it can until it is killed: `bun log-writer.ts FILE BYTES_MAX`. Says each thousand. */
import { openLogFile } from '../../server/log-file'

const [path, bytesMax] = process.argv.slice(2)
const file = openLogFile({ path, bytesMax: Number(bytesMax), filesMax: 100_000, totalBytesMax: 1e12, flushMs: 5 })
for (let seq = 0; ; seq++) {
  file.write(`${JSON.stringify({ seq, text: 'x'.repeat(seq % 200) })}\n`)
  if (seq % 1_000 === 999) {
    process.stdout.write(`${seq}\n`)
    do await Bun.sleep(1)
    while (file.status().waitingBytes > 50_000)
  }
}
