import { newId } from '@storewright/database'
import type { Cause } from '../correlation.ts'
import type { Trx } from '../database.ts'
import type { PaymentStarter, StepContext } from '../orders/transition.ts'
import { insertAttempts, listLiveAuthorizations } from './queries.ts'

/** Requests the orders' payments. Only a row each: workers call the provider once this is committed. */
const startAuthorizations: PaymentStarter['authorize'] = async (trx, authorizations, { notifier, now }) => {
  await insertAttempts(
    trx,
    authorizations.map((authorization) => ({ ...authorization, id: newId(), kind: 'authorize' })),
    now,
  )
  notifier.notifyPaymentsDue(trx)
}

/** Requests the capture of a shipment's part of what is authorized for its order. */
export const startCapture = async (
  trx: Trx,
  capture: { orderId: string; shipmentId: string; amountMinor: number; cause: Cause },
  { notifier, now }: StepContext,
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
  notifier.notifyPaymentsDue(trx)
}

/** Voids what is authorized for these orders and was not captured. */
const voidAuthorizations: PaymentStarter['void'] = async (trx, orders, { notifier, now }) => {
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
  notifier.notifyPaymentsDue(trx)
}

/** What orders start payments with. */
export const paymentStarter: PaymentStarter = { authorize: startAuthorizations, void: voidAuthorizations }
