export interface ShippableLine {
  position: number
  sku: string
  quantity: number
  shippedQuantity: number
  totalMinor: number
}

export interface Claim {
  position: number
  sku: string
  quantity: number
}

/** What is left to ship, per SKU. */
const leftOf = (lines: readonly ShippableLine[], sku: string) =>
  lines
    .filter((line) => line.sku === sku)
    .reduce((left, line) => left + line.quantity - line.shippedQuantity, 0)

/** The wanted SKUs of which less is left than wanted, or none was ordered. */
export const findOvershipped = (
  lines: readonly ShippableLine[],
  wanted: readonly { sku: string; quantity: number }[],
) =>
  wanted
    .map(({ sku, quantity }) => ({ sku, wanted: quantity, left: leftOf(lines, sku) }))
    .filter(({ wanted, left }) => wanted > left)

/** Everything that is left to ship. */
export const claimRest = (lines: readonly ShippableLine[]): Claim[] =>
  lines
    .map(({ position, sku, quantity, shippedQuantity }) => ({
      position,
      sku,
      quantity: quantity - shippedQuantity,
    }))
    .filter(({ quantity }) => quantity > 0)

/** Takes the wanted quantities from the lines in their order; a SKU may stand on several. */
export const claimLines = (
  lines: readonly ShippableLine[],
  wanted: readonly { sku: string; quantity: number }[],
): Claim[] => {
  const open = new Map(wanted.map(({ sku, quantity }) => [sku, quantity]))
  return claimRest(lines)
    .map((rest) => {
      const quantity = Math.min(rest.quantity, open.get(rest.sku) ?? 0)
      open.set(rest.sku, (open.get(rest.sku) ?? 0) - quantity)
      return { ...rest, quantity }
    })
    .filter(({ quantity }) => quantity > 0)
}

/** A line's money for its first `quantity` pieces. Rounded down, so that the parts of a line add up to it. */
const shareOf = (line: ShippableLine, quantity: number) =>
  Number((BigInt(line.totalMinor) * BigInt(quantity)) / BigInt(line.quantity))

/** What to capture with a claim: the value of all that is shipped with it, and shipping with its tax, less earlier captures. */
export const amountOf = (
  lines: readonly ShippableLine[],
  claims: readonly Claim[],
  { shippingMinor, takenMinor }: { shippingMinor: number; takenMinor: number },
): number => {
  const claimed = new Map(claims.map(({ position, quantity }) => [position, quantity]))
  return lines.reduce(
    (amount, line) => amount + shareOf(line, line.shippedQuantity + (claimed.get(line.position) ?? 0)),
    shippingMinor - takenMinor,
  )
}
