export type OrderStatus =
  | 'pending'
  | 'reserved'
  | 'awaiting_payment'
  | 'confirmed'
  | 'partly_shipped'
  | 'shipped'
  | 'delivered'
  | 'rejected'
  | 'cancelled'
  | 'returned'

export type PaymentStatus =
  'pending' | 'authorized' | 'declined' | 'captured' | 'partly_refunded' | 'refunded' | 'voided'

const moves: Record<OrderStatus, readonly OrderStatus[]> = {
  pending: ['reserved', 'rejected', 'cancelled'],
  reserved: ['awaiting_payment', 'confirmed', 'cancelled'],
  awaiting_payment: ['confirmed', 'cancelled'],
  confirmed: ['partly_shipped', 'shipped', 'cancelled'],
  partly_shipped: ['shipped'],
  shipped: ['delivered', 'returned'],
  delivered: ['returned'],
  rejected: [],
  cancelled: [],
  returned: [],
}

const statuses = Object.keys(moves) as OrderStatus[]

/** Whether an order's life has this step. */
export const canMove = (from: OrderStatus, to: OrderStatus) => moves[from].includes(to)

/** The statuses that a step may start from: the guard of its conditional update. */
export const beforeMoveTo = (to: OrderStatus): OrderStatus[] => statuses.filter((from) => canMove(from, to))

/** Not confirmed yet and not over: it has a deadline, and stock may be held for it. */
const isOpen = (status: OrderStatus) =>
  status === 'pending' || status === 'reserved' || status === 'awaiting_payment'

/** Paid for, or about to be, and with goods still in the house. */
export const isShippable = (status: OrderStatus) => status === 'confirmed' || status === 'partly_shipped'

/**
 * Nothing more will happen until somebody outside acts: what `Prefer: wait` waits for. A declined payment
 * waits for the customer; one that is under way again does not.
 */
export const isSettled = (status: OrderStatus, payment: PaymentStatus) =>
  status === 'awaiting_payment' ? payment === 'declined' : status !== 'pending' && status !== 'reserved'

/** Inventory holds the stock. Late news of an order that ended is inventory's to clean up: it hears OrderCancelled. */
export const onStockReserved = (status: OrderStatus): 'reserve' | 'ignore' =>
  status === 'pending' ? 'reserve' : 'ignore'

/** Inventory holds nothing: before the payment that rejects, after it (the hold was gone) it cancels. */
export const onStockRejected = (status: OrderStatus): 'reject' | 'cancel' | 'ignore' => {
  if (status === 'pending') return 'reject'
  return isOpen(status) || isShippable(status) ? 'cancel' : 'ignore'
}

/** Inventory gave up a hold by itself: only an order that nobody has paid for ends with it. */
export const onStockReleased = (status: OrderStatus, reason: 'cancelled' | 'expired'): 'cancel' | 'ignore' =>
  reason === 'expired' && isOpen(status) ? 'cancel' : 'ignore'

/** The provider holds the money: an order that ended meanwhile gives it back. */
export const onAuthorized = (status: OrderStatus): 'confirm' | 'void' =>
  canMove(status, 'confirmed') ? 'confirm' : 'void'

/** What a request to cancel means; a partly shipped order keeps what has left the house. */
export const onCancelAsked = (order: {
  status: OrderStatus
  cancelled: boolean
}): 'cancel' | 'cancel-rest' | 'already' | 'too-late' => {
  if (order.cancelled) return 'already'
  if (canMove(order.status, 'cancelled')) return 'cancel'
  return order.status === 'partly_shipped' ? 'cancel-rest' : 'too-late'
}

/** The number that people read out on the telephone. */
export const orderNumber = (seq: number | bigint) => `SW-${seq}`

/** What an order asks of each SKU, which may stand on several lines; in SKU order. */
export const demandOf = (lines: readonly { sku: string; quantity: number }[]) => {
  const demand = new Map<string, number>()
  for (const { sku, quantity } of lines) demand.set(sku, (demand.get(sku) ?? 0) + quantity)
  return [...demand]
    .map(([sku, quantity]) => ({ sku, quantity }))
    .filter(({ quantity }) => quantity > 0)
    .sort((a, b) => (a.sku < b.sku ? -1 : 1))
}
