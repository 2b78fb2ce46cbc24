export const ORDER_STATUSES = [
  'pending',
  'reserved',
  'awaiting_payment',
  'confirmed',
  'partly_shipped',
  'shipped',
  'delivered',
  'rejected',
  'cancelled',
  'returned',
] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]

export const PAYMENT_STATUSES = [
  'pending',
  'requires_action',
  'authorized',
  'declined',
  'partly_captured',
  'captured',
  'partly_refunded',
  'refunded',
  'voided',
] as const
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number]

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

/** Whether an order may go from one status to the other. */
export const canMove = (from: OrderStatus, to: OrderStatus) => moves[from].includes(to)

/** The statuses that a step may start from: the guard of its conditional update. */
export const beforeMoveTo = (to: OrderStatus): OrderStatus[] =>
  ORDER_STATUSES.filter((from) => canMove(from, to))

/** Not confirmed yet and not over: it has a deadline, and stock may be held for it. */
const isOpen = (status: OrderStatus) =>
  status === 'pending' || status === 'reserved' || status === 'awaiting_payment'

/** Confirmed, with goods that are not shipped yet. */
export const isShippable = (status: OrderStatus) => status === 'confirmed' || status === 'partly_shipped'

/** Nothing more happens until a person acts, which is what `Prefer: wait` waits for. */
export const isSettled = (status: OrderStatus, payment: PaymentStatus) =>
  status === 'awaiting_payment' ? payment !== 'pending' : status !== 'pending' && status !== 'reserved'

/** Inventory holds the stock. Of an order that ended meanwhile it releases it when it consumes OrderCancelled. */
export const onStockReserved = (status: OrderStatus): 'reserve' | 'ignore' =>
  status === 'pending' ? 'reserve' : 'ignore'

/** Inventory holds nothing: that rejects a pending order, and cancels one whose hold is gone. */
export const onStockRejected = (status: OrderStatus): 'reject' | 'cancel' | 'ignore' => {
  if (status === 'pending') return 'reject'
  return isOpen(status) || isShippable(status) ? 'cancel' : 'ignore'
}

/** Inventory released a hold by itself: only an unpaid order is cancelled with it. */
export const onStockReleased = (status: OrderStatus, reason: 'cancelled' | 'expired'): 'cancel' | 'ignore' =>
  reason === 'expired' && isOpen(status) ? 'cancel' : 'ignore'

/** The payment is authorized; an order that ended meanwhile has it voided. */
export const onAuthorized = (status: OrderStatus): 'confirm' | 'void' =>
  canMove(status, 'confirmed') ? 'confirm' : 'void'

/** What a request to cancel means; of a partly shipped order only the rest is cancelled. */
export const onCancelRequested = (order: {
  status: OrderStatus
  cancelled: boolean
}): 'cancel' | 'cancel-rest' | 'already' | 'too-late' => {
  if (order.cancelled) return 'already'
  if (canMove(order.status, 'cancelled')) return 'cancel'
  return order.status === 'partly_shipped' ? 'cancel-rest' : 'too-late'
}

/** The order's number as people read it out on the telephone. */
export const orderNumber = (seq: number | bigint) => `SW-${seq}`

/** The quantity of each SKU, which may stand on several lines; in SKU order. */
export const demandOf = (lines: readonly { sku: string; quantity: number }[]) => {
  const demand = new Map<string, number>()
  for (const { sku, quantity } of lines) demand.set(sku, (demand.get(sku) ?? 0) + quantity)
  return [...demand]
    .map(([sku, quantity]) => ({ sku, quantity }))
    .filter(({ quantity }) => quantity > 0)
    .sort((a, b) => (a.sku < b.sku ? -1 : 1))
}
