import type { buildApp } from '../src/app.ts'
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

export interface Answer<Body> {
  status: number
  headers: Record<string, unknown>
  body: Body
}

export interface Call {
  /** A bearer token. */
  as?: string | undefined
  orderToken?: string | undefined
  key?: string
  headers?: Record<string, string>
  body?: unknown
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type Replica = Pick<ReturnType<typeof buildApp>, 'server'>
export type Send = <Body = Record<string, unknown>>(
  method: Method,
  url: string,
  call?: Call,
  replica?: Replica,
) => Promise<Answer<Body>>
