import type { Trx } from '../database.ts'
import { insertSteps } from './queries.ts'
import type { Step } from './timeline.ts'

/** Puts the steps on their orders' timelines, in one statement. */
export const recordSteps = async (trx: Trx, steps: readonly Step[], at: Date) => {
  if (steps.length > 0) await insertSteps(trx, steps, at)
}
