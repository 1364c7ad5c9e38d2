export const audit = {
  lead: 'Every change, with who made it. Lines are never altered or removed; each carries the hash of the one before.',
  filter: {
    action: 'Action',
    actor: 'Who',
    actionHint: 'for example model.activate',
    actorHint: 'login, or key:NAME',
    apply: 'Filter',
    clear: 'Clear',
  },
  none: 'No line fits.',
  more: 'Older lines',
  end: 'That is the beginning.',
  value: 'Value',
  before: 'Before',
  after: 'After',
  hash: 'hash',
  chain: {
    ok: 'The chain holds: no line was altered.',
    broken: 'The chain is broken at line {id}: somebody altered the database.',
    check: 'Check again',
  },
}
