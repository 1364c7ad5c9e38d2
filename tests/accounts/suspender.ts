/** Another process that suspends accounts as fast as it can. Arguments: database file, ids. Prints `ok` or a problem's code for each. */
import { DomainError } from '../../server/domain/error'
import { suspend } from '../../server/pipeline/accounts/admin'
import { openStore } from '../../server/store/open'

const [path, ...ids] = process.argv.slice(2)
const db = openStore(path!)
const actor = { id: null, name: 'cli:test', requestId: null }
const outcomes = await Promise.all(
  ids.map((id) =>
    suspend(db, { id: Number(id), actor, now: new Date(), reason: 'race' }).then(
      () => 'ok',
      (error) => (error instanceof DomainError ? error.code : String(error)),
    ),
  ),
)
console.log(outcomes.join('\n'))
