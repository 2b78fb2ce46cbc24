import { newId } from '@storewright/database'
import type { Cause } from '../cause.ts'
import type { Trx } from '../database.ts'
import type { Signals } from '../signals.ts'
import { insertAttempts, listLiveAuthorizations } from './queries.ts'

export interface Authorization {
  orderId: string
  provider: string
  token: string | null
  amountMinor: number
  currency: string
  cause: Cause
}

type When = { signals: Signals; now: Date }

/** Asks for the orders' money. Only a row each: workers call the provider once this is committed. */
export const startAuthorizations = async (
  trx: Trx,
  authorizations: readonly Authorization[],
  { signals, now }: When,
) => {
  await insertAttempts(
    trx,
    authorizations.map((authorization) => ({ ...authorization, id: newId(), kind: 'authorize' })),
    now,
  )
  signals.paymentsDue(trx)
}

/** Takes a shipment's part of the money that is held for its order. */
export const startCapture = async (
  trx: Trx,
  capture: { orderId: string; shipmentId: string; amountMinor: number; cause: Cause },
  { signals, now }: When,
) => {
  const [authorization] = await listLiveAuthorizations(trx, [capture.orderId])
  if (!authorization) throw new Error(`order ${capture.orderId} ships without an authorization`)
  await insertAttempts(
    trx,
    [
      {
        ...capture,
        id: newId(),
        kind: 'capture',
        provider: authorization.provider,
        currency: authorization.currency,
        authorizationId: authorization.id,
        authorizationReference: authorization.reference ?? '',
      },
    ],
    now,
  )
  signals.paymentsDue(trx)
}

/** Gives back what is held for these orders and was not captured. */
export const voidAuthorizations = async (
  trx: Trx,
  orders: readonly { orderId: string; cause: Cause; keepMinor: number }[],
  { signals, now }: When,
) => {
  if (orders.length === 0) return
  const byOrder = new Map(orders.map((order) => [order.orderId, order]))
  const live = (await listLiveAuthorizations(trx, [...byOrder.keys()])).flatMap((authorization) => {
    const order = byOrder.get(authorization.orderId)
    return order ? [{ ...authorization, ...order }] : []
  })
  if (live.length === 0) return
  await insertAttempts(
    trx,
    live.map(({ id, orderId, provider, reference, amountMinor, currency, cause, keepMinor }) => ({
      id: newId(),
      kind: 'void',
      orderId,
      provider,
      currency,
      amountMinor: amountMinor - keepMinor,
      authorizationId: id,
      authorizationReference: reference ?? '',
      cause,
    })),
    now,
  )
  signals.paymentsDue(trx)
}
