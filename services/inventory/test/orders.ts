import {
  OrderCancelled,
  OrderConfirmed,
  OrderPlaced,
  OrderShipped,
  type SkuQuantity,
} from '@storewright/contracts'
import { newId } from '@storewright/database'
import { anEvent } from '@storewright/testing'

const NONE = { amount: 0, currency: 'GBP' }
const AT = '2026-01-31T09:30:00.000Z'

export type Lines = Record<string, number> | SkuQuantity[]

const toLines = (lines: Lines): SkuQuantity[] =>
  Array.isArray(lines) ? lines : Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity }))

/** An order and the events of its life, with only what inventory looks at. */
export const anOrder = (wanted: Lines) => {
  const orderId = newId()
  const lines = toLines(wanted)
  return {
    orderId,
    placed: () =>
      anEvent(OrderPlaced, {
        orderId,
        number: 'SW-1',
        userId: null,
        country: 'GB',
        lines: lines.map((line) => ({
          ...line,
          lineId: newId(),
          name: line.sku,
          unitPrice: NONE,
          discount: NONE,
          tax: NONE,
          total: NONE,
        })),
        totals: { subtotal: NONE, discount: NONE, shipping: NONE, tax: NONE, total: NONE },
        placedAt: AT,
      }),
    confirmed: () => anEvent(OrderConfirmed, { orderId, lines, total: NONE, confirmedAt: AT }),
    cancelled: (rest: Lines = lines) =>
      anEvent(OrderCancelled, { orderId, reason: 'changed-mind', by: 'customer', lines: toLines(rest) }),
    shipped: (part: Lines = lines, shipmentId = newId()) =>
      anEvent(OrderShipped, {
        orderId,
        shipmentId,
        lines: toLines(part),
        carrier: 'post',
        trackingNumber: '1',
        complete: false,
      }),
  }
}
