/** A secret from standard input: never from the command line, where every process of the machine could read it. */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { DomainError } from '../domain/error'

const charactersMax = 4_096

/** The first line; at a terminal it is asked for and not shown. Throws `bad_request` for an empty one. */
export async function readSecret(question: string): Promise<string> {
  const line = process.stdin.isTTY ? await ask(question) : await readPipe()
  if (line === '') throw new DomainError('bad_request', 'the password is read from standard input, and there was none')
  return line
}

async function ask(question: string): Promise<string> {
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await terminal.question('')
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}

async function readPipe(): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of Bun.stdin.stream()) {
    text += decoder.decode(chunk, { stream: true })
    if (text.includes('\n') || text.length > charactersMax) break
  }
  return text.split('\n', 1)[0]!.replace(/\r$/, '')
}
