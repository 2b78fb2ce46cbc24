import type { CartShape } from '../src/carts/cart-schemas.ts'
import type { OrderShape, ShipmentShape } from '../src/orders/order-schemas.ts'

export type CartBody = CartShape
export type OrderBody = OrderShape
export type ShipmentBody = ShipmentShape
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
