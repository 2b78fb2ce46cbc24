import { hasPermission, notFound, type Auth } from '@storewright/service-kit'
import type { Db } from '../database.ts'
import type { Actor } from '../timeline/timeline.ts'
import { opens } from './access-token.ts'
import { findOrderAccess, type OrderAccess } from './queries.ts'

/** Who asks about an order: by an access token, by the order's own token, or both. */
export interface Asker {
  auth: Auth | null
  orderToken: string | undefined
}

/** How this caller stands to the order; null is a stranger, who shall not even learn that it exists. */
export const roleOf = (
  { auth, orderToken }: Asker,
  order: Omit<OrderAccess, 'id'>,
  permission: string,
): Exclude<Actor, 'system'> | null => {
  const isOwner = auth !== null && order.userId === auth.userId
  if (isOwner || (orderToken !== undefined && opens(orderToken, order.accessTokenHash))) return 'customer'
  return hasPermission(auth, permission) ? 'staff' : null
}

/** The asker's role at this order, or 404. */
export const requireOrderAccess = async (
  db: Db,
  orderId: string,
  asker: Asker,
  permission: 'orders:read' | 'orders:write',
): Promise<Exclude<Actor, 'system'>> => {
  const order = await findOrderAccess(db, orderId)
  return (order && roleOf(asker, order, permission)) ?? notFound('order', orderId)
}
