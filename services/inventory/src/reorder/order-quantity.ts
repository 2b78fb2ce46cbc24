import { MAX_QUANTITY } from '@storewright/contracts'
import type { ReorderRule } from './queries.ts'

/** The smallest sum of packs that is at least `need`; `packSizes` ascend, and without any every quantity is sold. */
export const roundUpToPacks = (need: number, packSizes: readonly number[]): number => {
  const [smallest] = packSizes
  if (smallest === undefined || need % smallest === 0) return need
  // Sums of the smallest pack alone reach this, so that no better one is above it.
  const most = Math.ceil(need / smallest) * smallest
  const isSum = new Uint8Array(most + 1)
  isSum[0] = 1
  for (const size of packSizes) {
    for (let sum = size; sum <= most; sum++) if (isSum[sum - size] === 1) isSum[sum] = 1
  }
  return isSum.indexOf(1, need)
}

type Policy = Pick<ReorderRule, 'policy' | 'reorderPoint' | 'reorderQuantity' | 'upTo'>

/**
 * Units to order while nothing is on order: a fixed quantity (s, Q), or what is missing to a level (s, S), which is the
 * suggested point plus the suggested quantity where they are computed (Silver, Pyke, Thomas: Inventory and Production
 * Management in Supply Chains, chapter 7).
 */
export const orderQuantity = (
  { policy, reorderPoint, reorderQuantity, upTo }: Policy,
  available: number,
): number => {
  const level = policy === 'up_to' ? upTo : (reorderPoint ?? 0) + (reorderQuantity ?? 0)
  const quantity = policy === 'fixed' ? reorderQuantity : (level ?? 0) - available
  if (quantity === null || quantity < 1) throw new Error('the rule orders nothing')
  return Math.min(quantity, MAX_QUANTITY)
}
