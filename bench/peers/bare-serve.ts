/**
 * The floor that every server on this runtime stands on: `Bun.serve` that reads the body and answers a JSON document which it has
 * ready: always the same of the given length, or those of a file in turn. `bun bench/peers/bare-serve.ts PORT BYTES|FILE`
 */
import { readFileSync } from 'node:fs'

const [port, of] = process.argv.slice(2)
const fixed = (bytes: number) => JSON.stringify({ fixed: 'x'.repeat(Math.max(0, bytes - '{"fixed":""}'.length)) })
// bytes of their own each: texts of two bytes a character would have to be encoded again for each answer
const answers = /^\d+$/.test(of)
  ? [fixed(Number(of))]
  : readFileSync(of, 'utf8')
      .trim()
      .split('\n')
      .map((line) => Buffer.from(line))
let next = 0
Bun.serve({
  port: Number(port),
  hostname: '127.0.0.1',
  fetch: async (request) => {
    await request.text()
    return new Response(answers[next++ % answers.length], { headers: { 'content-type': 'application/json' } })
  },
})
process.once('SIGTERM', () => process.exit(0))
process.stdout.write('ready\n')
