/** `amount` × `factor` ÷ `divisor`, half up; exact beyond 2^53 on the way, for amounts of 0 and more. */
export const partOf = (amount: number, factor: number, divisor: number): number => {
  const [product, by] = [BigInt(amount) * BigInt(factor), BigInt(divisor)]
  return Number((2n * product + by) / (2n * by))
}

const sumOf = (amounts: readonly number[]) => amounts.reduce((sum, amount) => sum + amount, 0)

/** Splits `total` in proportion to `weights` by largest remainder, the earlier of equal ones first: the parts add up
 * to it, and none is above its weight where `total` is not above their sum. */
export const split = (total: number, weights: readonly number[]): number[] => {
  const sum = BigInt(sumOf(weights))
  if (sum === 0n) return weights.map(() => 0)
  const shares = weights.map((weight, index) => {
    const product = BigInt(total) * BigInt(weight)
    return { index, part: Number(product / sum), rest: product % sum }
  })
  const missing = total - sumOf(shares.map(({ part }) => part))
  const byRest = [...shares].sort((a, b) =>
    a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1,
  )
  for (const share of byRest.slice(0, missing)) share.part += 1
  return shares.map(({ part }) => part)
}
