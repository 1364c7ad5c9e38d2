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
  sample: { description: 'Write a sample plant to try the product on', load: async () => (await import('./sample')).sampleCommand },
  serve: { description: 'Serve the API and the screens', load: async () => (await import('./serve')).serveCommand },
}
