import { hasPermission, type Auth } from '@storewright/service-kit/auth'
import { notFound } from '@storewright/service-kit/http'
import type { FastifyRequest } from 'fastify'
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Actor, Db } from '../database.ts'
import { findOrderAccess, type OrderAccess } from './queries.ts'

/** A guest's key to one order: derived, so that a repeat of the request returns the same; only its hash is stored. */
export const accessTokenFor = (orderId: string, secret: string): string =>
  createHmac('sha256', secret).update(`order-access:${orderId}`).digest('base64url')

export const hashAccessToken = (accessToken: string): string =>
  createHash('sha256').update(accessToken).digest('hex')

/** Whether a token has this hash, in the same time either way. */
export const verifyAccessToken = (accessToken: string, hash: string | null): boolean =>
  hash !== null && timingSafeEqual(Buffer.from(hashAccessToken(accessToken)), Buffer.from(hash))

/** Who requests an order: by an account's token, by the order's own token, or both. */
export interface Requester {
  auth: Auth | null
  orderToken: string | undefined
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

/** The requester: account, `X-Order-Token`, or `?token=` where the route takes it. */
export const requesterOf = ({ auth, headers, query }: FastifyRequest): Requester => ({
  auth,
  orderToken:
    text(headers['x-order-token']) ??
    (typeof query === 'object' && query !== null ? text(Reflect.get(query, 'token')) : undefined),
})

/** The requester's role at the order; null for a stranger, who must not even learn that it exists. */
export const roleOf = (
  { auth, orderToken }: Requester,
  order: Omit<OrderAccess, 'id'>,
  permission: string,
): Exclude<Actor, 'system'> | null => {
  const isOwner = auth !== null && order.userId === auth.userId
  const hasToken = orderToken !== undefined && verifyAccessToken(orderToken, order.accessTokenHash)
  if (isOwner || hasToken) return 'customer'
  return hasPermission(auth, permission) ? 'staff' : null
}

/** The requester's role at this order, or 404. */
export const requireOrderAccess = async (
  db: Db,
  orderId: string,
  requester: Requester,
  permission: 'orders:read' | 'orders:write',
): Promise<Exclude<Actor, 'system'>> => {
  const order = await findOrderAccess(db, orderId)
  return (order && roleOf(requester, order, permission)) ?? notFound('order', orderId)
}
