import type { SkuQuantity } from '@storewright/contracts'
import type { ReservationState } from '../database.ts'
import { sumPerSku, type Allocation } from '../stock/stock.ts'

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

/** Stands for a location in lines that were cancelled before their order was reserved: they hold nothing. */
export const CANCELLED_EARLY = 0

/** What will not be wanted of an order once it is reserved. */
export const cancelledEarly = (orderId: string, lines: readonly SkuQuantity[]): ReservationLine[] =>
  [...sumPerSku(lines)].map(([sku, quantity]) => ({
    orderId,
    sku,
    locationId: CANCELLED_EARLY,
    quantity,
    held: 0,
    shipped: 0,
  }))

/** What an order still wants: nothing once it is decided; after a confirmation also what expired is wanted again. */
export const stillWanted = (
  lines: readonly SkuQuantity[],
  {
    state,
    early,
    isConfirmed,
  }: { state?: ReservationState; early: readonly SkuQuantity[]; isConfirmed: boolean },
): readonly SkuQuantity[] => {
  const isOpen =
    state === undefined || (state === 'expired' && isConfirmed) || (state === 'cancelled' && early.length > 0)
  if (!isOpen || early.length === 0) return isOpen ? lines : []
  const cancelled = sumPerSku(early)
  return [...sumPerSku(lines)]
    .map(([sku, quantity]) => ({ sku, quantity: quantity - (cancelled.get(sku) ?? 0) }))
    .filter(({ quantity }) => quantity > 0)
}

const heldOf = ({ lines }: Reservation): Allocation[] =>
  lines
    .filter(({ held }) => held > 0)
    .map(({ sku, locationId, held }) => ({ sku, locationId, quantity: held }))

/** Takes up to `quantity` of each wanted SKU from what is held; returns whether all of it was found. */
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

const allocationsOf = (taken: { line: ReservationLine; quantity: number }[]): Allocation[] =>
  taken.map(({ line: { sku, locationId }, quantity }) => ({ sku, locationId, quantity }))

const endState = ({ lines }: Reservation): 'confirmed' | 'committed' | 'cancelled' => {
  if (lines.some(({ held }) => held > 0)) return 'confirmed'
  return lines.some(({ shipped }) => shipped > 0) ? 'committed' : 'cancelled'
}

/** Frees what will not be shipped, all of it where no lines are named; the rest stays held until OrderShipped. */
export const cancelHold = (reservation: Reservation, unshipped: readonly SkuQuantity[]): Allocation[] => {
  if (reservation.state === 'expired') {
    reservation.state = 'cancelled'
    reservation.lines.push(...cancelledEarly(reservation.orderId, unshipped))
    return []
  }
  const wanted = unshipped.length > 0 ? unshipped : heldOf(reservation)
  // From the back: a shipment takes from the front, and both find theirs whichever comes first.
  const { taken } = takeHeld(reservation.lines.toReversed(), wanted)
  for (const { line, quantity } of taken) line.held -= quantity
  reservation.state = endState(reservation)
  return allocationsOf(taken)
}

export const expireHold = (reservation: Reservation): Allocation[] => {
  const freed = heldOf(reservation)
  for (const line of reservation.lines) line.held = 0
  reservation.state = 'expired'
  return freed
}

/** That part of the hold was shipped and is a sale. Null if less than that is held. */
export const shipHold = (reservation: Reservation, shipped: readonly SkuQuantity[]): Allocation[] | null => {
  const { taken, complete } = takeHeld(reservation.lines, shipped)
  if (!complete) return null
  for (const { line, quantity } of taken) {
    line.held -= quantity
    line.shipped += quantity
  }
  reservation.state = endState(reservation)
  return allocationsOf(taken)
}

/** One line per SKU, as in events, which do not name locations. */
export const linesOf = (allocations: readonly Allocation[]): SkuQuantity[] =>
  [...sumPerSku(allocations)].map(([sku, quantity]) => ({ sku, quantity }))
