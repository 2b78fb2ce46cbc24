import { MAX_QUANTITY } from '@storewright/contracts'
import type { ReorderRule } from './queries.ts'

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b))

/** The smallest sum of packs that is at least `need`; `packSizes` ascend, and without any every quantity is sold.
 * Finds the least sum of each remainder by the smallest pack, more of which then fill the need (Böcker, Lipták: A
 * Fast and Simple Algorithm for the Money Changing Problem, 2007); steps: the smallest pack times how many there are. */
export const roundUpToPacks = (need: number, packSizes: readonly number[]): number => {
  const [smallest, ...larger] = packSizes
  if (smallest === undefined || need % smallest === 0) return need
  if (need < smallest) return smallest
  const least = new Float64Array(smallest).fill(Infinity)
  least[0] = 0
  for (const size of larger) {
    const cycles = commonDivisor(smallest, size)
    for (let start = 0; start < cycles; start++) {
      let sum = Infinity
      let rest = start
      for (let step = 0; step < (2 * smallest) / cycles; step++) {
        sum = Math.min(sum, least[rest] ?? Infinity)
        least[rest] = sum
        sum += size
        rest = (rest + size) % smallest
      }
    }
  }
  let sum = need
  while ((least[sum % smallest] ?? 0) > sum) sum += 1
  return sum
}

type Policy = Pick<ReorderRule, 'policy' | 'reorderPoint' | 'reorderQuantity' | 'upTo'>

/** Units to order while nothing is on order: a fixed quantity (s, Q), or what is missing to a level (s, S), which is
 * the suggested point plus the suggested quantity where they are computed (Silver, Pyke, Thomas: Inventory and
 * Production Management in Supply Chains, chapter 7). */
export const orderQuantity = (
  { policy, reorderPoint, reorderQuantity, upTo }: Policy,
  available: number,
): number => {
  const level = policy === 'up_to' ? upTo : (reorderPoint ?? 0) + (reorderQuantity ?? 0)
  const quantity = policy === 'fixed' ? reorderQuantity : (level ?? 0) - available
  if (quantity === null || quantity < 1) throw new Error('the rule orders nothing')
  return Math.min(quantity, MAX_QUANTITY)
}
