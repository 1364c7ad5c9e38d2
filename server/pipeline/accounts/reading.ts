/** Reads outside of a transaction, with the database's errors as the problems that they are to a client. */
import { storeProblem } from '../../store/store-problem'

/** Throws `busy`, `database_unavailable`, and what is no error of the database as it is. */
export function reading<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw storeProblem(error)
  }
}
