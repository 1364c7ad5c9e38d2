/**
 * The table of commands: name, one line of help, and how to load it. A command's file (and all that it imports) is read only
 * when that command runs, so `--help` stays instant.
 */
import type { CommandDef } from 'citty'

// biome-ignore lint/suspicious/noExplicitAny: citty's own type for "a command with any arguments"
export type AnyCommand = CommandDef<any>

export interface CommandEntry {
  description: string
  load: () => Promise<AnyCommand>
}

export const commands: Record<string, CommandEntry> = {
  // name: { description: '…', load: async () => (await import('./name')).nameCommand },
}
