/**
 * The floor that every server on this runtime stands on: `Bun.serve` that reads the body and answers a fixed JSON document of
 * the given length. `bun bench/peers/bare-serve.ts PORT BYTES`
 */
const [port, bytes] = process.argv.slice(2).map(Number)
const answer = JSON.stringify({ fixed: 'x'.repeat(Math.max(0, bytes - '{"fixed":""}'.length)) })
Bun.serve({
  port,
  hostname: '127.0.0.1',
  fetch: async (request) => {
    await request.text()
    return new Response(answer, { headers: { 'content-type': 'application/json' } })
  },
})
process.once('SIGTERM', () => process.exit(0))
process.stdout.write('ready\n')
