/**
 * Prints the matrix of routes and roles: everybody at every route of the real app, over real sessions and keys.
 * `bun bench/drills/role-matrix.ts [--json]`; ends with 1 when a cell is not as the route's role says.
 */

import { startPeopleApp } from '../../tests/accounts/people-app'
import { askAll, askers, type Cell, expected, fillPeople, routesOf } from '../../tests/accounts/role-matrix'

const app = startPeopleApp()
await fillPeople(app)
const cells = await askAll(app)
const routes = routesOf(app.app)
const wrong = cells.filter(({ route, asker, verdict }) => verdict !== expected(route, asker))
await app.stop()

const roleOf = ({ role, scope }: Cell['route']) => (scope === null ? role : `${role}:${scope}`)
if (process.argv.includes('--json')) {
  console.log(
    JSON.stringify(cells.map(({ route, asker, status, verdict }) => ({ route: route.name, role: roleOf(route), asker, status, verdict }))),
  )
} else {
  const width = Math.max(...routes.map(({ name }) => name.length))
  console.log(['route'.padEnd(width), 'role'.padEnd(12), ...askers.map((asker) => asker.padEnd(11))].join(' ').trimEnd())
  for (const route of routes) {
    const row = cells.filter((cell) => cell.route.name === route.name)
    const marks = row.map((cell) => `${cell.verdict === 'in' ? `in ${cell.status}` : cell.verdict}${wrong.includes(cell) ? ' !' : ''}`)
    console.log([route.name.padEnd(width), roleOf(route).padEnd(12), ...marks.map((mark) => mark.padEnd(11))].join(' ').trimEnd())
  }
  console.log(`\n${routes.length} routes × ${askers.length} askers = ${cells.length} requests, ${wrong.length} not as the role says`)
}
process.exit(wrong.length === 0 ? 0 : 1)
