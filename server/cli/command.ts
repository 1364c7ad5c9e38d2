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
  source: { description: "Look into a plant's data: tables, columns, rows", load: async () => (await import('./source')).sourceCommand },
  train: { description: "Learn from a plant's data and publish a version", load: async () => (await import('./train')).trainCommand },
  evaluate: {
    description: 'Score on held-out items, with baselines beside every figure',
    load: async () => (await import('./evaluate')).evaluateCommand,
  },
  predict: { description: 'Draft routings for the items of a file', load: async () => (await import('./predict')).predictCommand },
  models: {
    description: 'Versions: list, show, check, compare, activate, roll back, delete, rebuild the index',
    load: async () => (await import('./models')).modelsCommand,
  },
  serve: { description: 'Serve the API and the screens', load: async () => (await import('./serve')).serveCommand },
  config: {
    description: 'What operators tune: show, history, diff, set, revert',
    load: async () => (await import('./config')).configCommand,
  },
  users: {
    description: 'People: add, list, approve, reject, role, suspend, resume, reset',
    load: async () => (await import('./users')).usersCommand,
  },
  keys: {
    description: 'Keys of machine clients: create, list, revoke; rotate those that sign sessions',
    load: async () => (await import('./keys')).keysCommand,
  },
  trainer: {
    description: 'Run ordered and scheduled trainings, one at a time',
    load: async () => (await import('./trainer')).trainerCommand,
  },
  backup: { description: 'Copy the database while it is in use', load: async () => (await import('./backup')).backupCommand },
  doctor: { description: 'Check that everything is there, and say what to do', load: async () => (await import('./doctor')).doctorCommand },
}
