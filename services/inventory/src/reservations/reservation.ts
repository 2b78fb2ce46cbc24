import type { SkuQuantity } from '@storewright/contracts'
import type { ReservationState } from '../database.ts'
import { sumPerSku, type Portion } from '../stock/stock.ts'

export interface ReservationLine {
  readonly orderId: string
  readonly sku: string
  readonly locationId: number
  readonly quantity: number
  held: number
  shipped: number
}

/** What an order holds; `lines` are sorted by SKU and location, as the allocator filled them. */
export interface Reservation {
  readonly orderId: string
  state: ReservationState
  lines: ReservationLine[]
}

/** Everything that is still held. */
const heldOf = ({ lines }: Reservation): Portion[] =>
  lines
    .filter(({ held }) => held > 0)
    .map(({ sku, locationId, held }) => ({ sku, locationId, quantity: held }))

/** Takes up to `quantity` of each wanted SKU from what is held; tells what could not be found. */
const takeHeld = (lines: readonly ReservationLine[], wanted: readonly SkuQuantity[]) => {
  const missing = sumPerSku(wanted)
  const taken: { line: ReservationLine; quantity: number }[] = []
  for (const line of lines) {
    const quantity = Math.min(line.held, missing.get(line.sku) ?? 0)
    if (quantity === 0) continue
    taken.push({ line, quantity })
    missing.set(line.sku, (missing.get(line.sku) ?? 0) - quantity)
  }
  return { taken, complete: [...missing.values()].every((quantity) => quantity === 0) }
}

const portionsOf = (taken: { line: ReservationLine; quantity: number }[]): Portion[] =>
  taken.map(({ line: { sku, locationId }, quantity }) => ({ sku, locationId, quantity }))

const endState = ({ lines }: Reservation): 'confirmed' | 'committed' | 'cancelled' => {
  if (lines.some(({ held }) => held > 0)) return 'confirmed'
  return lines.some(({ shipped }) => shipped > 0) ? 'committed' : 'cancelled'
}

/**
 * The order is over: frees what it will not ship and is still held. What a cancellation leaves out has been shipped,
 * and stays held until that is told too, so the two may come in either order. One that names no lines frees all.
 */
export const cancelHold = (reservation: Reservation, unshipped: readonly SkuQuantity[]): Portion[] => {
  const wanted = unshipped.length > 0 ? unshipped : heldOf(reservation)
  // From the back: a shipment takes from the front, and both find theirs whichever comes first.
  const { taken } = takeHeld(reservation.lines.toReversed(), wanted)
  for (const { line, quantity } of taken) line.held -= quantity
  reservation.state = endState(reservation)
  return portionsOf(taken)
}

/** Nobody confirmed the order in time: frees all of it. */
export const expireHold = (reservation: Reservation): Portion[] => {
  const freed = heldOf(reservation)
  for (const line of reservation.lines) line.held = 0
  reservation.state = 'expired'
  return freed
}

/** Goods left the house: that part of the hold is a sale. Null where so much is not held. */
export const shipHold = (reservation: Reservation, shipped: readonly SkuQuantity[]): Portion[] | null => {
  const { taken, complete } = takeHeld(reservation.lines, shipped)
  if (!complete) return null
  for (const { line, quantity } of taken) {
    line.held -= quantity
    line.shipped += quantity
  }
  reservation.state = endState(reservation)
  return portionsOf(taken)
}

/** One line per SKU, as events tell it; where the pieces lie is nobody else's business. */
export const linesOf = (portions: readonly Portion[]): SkuQuantity[] =>
  [...sumPerSku(portions)].map(([sku, quantity]) => ({ sku, quantity }))
