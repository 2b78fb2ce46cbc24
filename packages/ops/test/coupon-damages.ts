import { newId } from '@storewright/database'
import type { Damage } from './damages.ts'

const ORDER_ID = newId()
const PROMOTION_ID = newId()

export const couponDamages: Damage[] = [
  {
    what: 'a promotion that counts a use of no order',
    service: 'order',
    harm: `insert into {promotion_uses} values ('${PROMOTION_ID}', 1, 5)`,
    repair: 'delete from {promotion_uses}',
    finds: ['7 a promotion was used as often as it was redeemed'],
  },
  {
    what: 'a customer who counts a use of no order',
    service: 'order',
    harm: `insert into {promotion_customer_uses} values ('${PROMOTION_ID}', '${'a'.repeat(64)}', 1, 5)`,
    repair: 'delete from {promotion_customer_uses}',
    finds: ['7 a customer used a promotion as often as they redeemed it, and no more than they may'],
  },
  {
    what: 'a redemption that nobody counted',
    service: 'order',
    harm: `insert into {coupon_redemptions} values ('${ORDER_ID}', '${PROMOTION_ID}', '${'a'.repeat(64)}', utc_timestamp())`,
    repair: 'delete from {coupon_redemptions}',
    finds: ['7 what is redeemed is counted, and no order that was rejected or cancelled keeps it'],
  },
]
