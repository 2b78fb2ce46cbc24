import type { Cart } from '../src/carts/cart-schemas.ts'
import type { Order, Shipment } from '../src/orders/order-schemas.ts'

export type CartBody = Cart
export type OrderBody = Order
export type ShipmentBody = Shipment
/** What every refusal has. */
export interface ProblemBody {
  type: string
  title: string
  status: number
  detail: string
  instance: string
  requestId: string
  errors?: { path: string; message: string }[]
  [extra: string]: unknown
}
