import { sql } from 'kysely'
import type { Db } from '../database.ts'

/** Invariant 7: redemptions never exceed their limit, and the counters that guard it are right. */
export const couponInvariants = (db: Db) => {
  const uses = db.selectFrom('promotion_uses').select('promotion_id as id')
  const customerUses = db
    .selectFrom('promotion_customer_uses as u')
    .select(sql<string>`concat(u.promotion_id, ' ', u.customer_key)`.as('id'))
  const redemptions = db.selectFrom('coupon_redemptions as r').select('r.promotion_id as id')
  return [
    {
      invariant: 7,
      what: 'no promotion was used more often than it may be',
      rows: uses,
      breaches: uses.whereRef('used', '>', 'allowed'),
    },
    {
      invariant: 7,
      what: 'a promotion was used as often as it was redeemed',
      rows: uses,
      breaches: uses.where(
        sql<boolean>`used <> (select count(*) from coupon_redemptions r where r.promotion_id = promotion_uses.promotion_id)`,
      ),
    },
    {
      invariant: 7,
      what: 'a customer used a promotion as often as they redeemed it, and no more than they may',
      rows: customerUses,
      breaches: customerUses.where(
        sql<boolean>`u.used > u.allowed or u.used <> (select count(*) from coupon_redemptions r
          where r.promotion_id = u.promotion_id and r.customer_key = u.customer_key)`,
      ),
    },
    {
      invariant: 7,
      what: 'what is redeemed is counted, and no order that was rejected or cancelled keeps it',
      rows: redemptions,
      breaches: redemptions
        .leftJoin('promotion_uses as u', 'u.promotion_id', 'r.promotion_id')
        .leftJoin('promotion_customer_uses as c', (join) =>
          join.onRef('c.promotion_id', '=', 'r.promotion_id').onRef('c.customer_key', '=', 'r.customer_key'),
        )
        .leftJoin('orders as o', 'o.id', 'r.order_id')
        .where((eb) =>
          eb.or([
            eb('u.promotion_id', 'is', null),
            eb('c.promotion_id', 'is', null),
            eb('o.id', 'is', null),
            eb('o.status', 'in', ['rejected', 'cancelled']),
          ]),
        ),
    },
  ]
}
