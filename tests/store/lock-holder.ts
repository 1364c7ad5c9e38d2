/** Another process that keeps the database locked for writing. Arguments: database file, how long in ms. */
import { Database } from 'bun:sqlite'

const [path, holdMs] = process.argv.slice(2)
const database = new Database(path)
database.run('PRAGMA busy_timeout = 2000')
database.run('BEGIN IMMEDIATE')
console.log('locked')
await Bun.sleep(Number(holdMs))
database.run('ROLLBACK')
