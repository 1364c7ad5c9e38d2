/** What was promised (bench/budgets.json), set beside what was measured. */
import budgets from '../budgets.json'
import type { Row } from './report'

export type BudgetName = keyof typeof budgets
type Budget = { most?: number; least?: number }

/**
 * One row a promise that this run says something about. A broken one makes the process end with exit code 1, but not in a smoke
 * run, whose figures mean nothing.
 */
export function judge(measured: Partial<Record<BudgetName, number>>, { smoke }: { smoke: boolean }): Row[] {
  return Object.entries(measured).map(([name, value]) => {
    const { most = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY }: Budget = budgets[name as BudgetName]
    const kept = value <= most && value >= least
    if (!kept && !smoke) process.exitCode = 1
    return {
      promise: name,
      budget: Number.isFinite(most) ? `at most ${most}` : `at least ${least}`,
      measured: value,
      kept: kept ? 'yes' : 'NO',
    }
  })
}
