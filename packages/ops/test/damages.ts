import { newId } from '@storewright/database'
import type { Service } from '../src/config.ts'
import { ERASED_ID } from './harness.ts'

export type Damage = {
  what: string
  service: Service
  harm: string
  repair: string
  finds: string[]
}

export const OFFERS = '10 the offers are those of the catalog'
const PROMOTIONS = '10 the promotions are those of the catalog'
const SAME_STATUS = '10 the catalog and the order service have the same stock status'

/** What `ops rebuild` mends; the owner is right. */
const copies: Damage[] = [
  {
    what: 'how to reach an account that is not there',
    service: 'order',
    harm: `insert into {account_contacts} values ('${newId()}', 1, 'ada@example.com', null, null, 0)`,
    repair: 'delete from {account_contacts}',
    finds: ['10 the order service knows how to reach account holders'],
  },
  {
    what: 'an offer at another price than the catalog’s',
    service: 'order',
    harm: 'update {offers} set prices = \'{"GBP":299}\'',
    repair: 'update {offers} set prices = \'{"GBP":300}\'',
    finds: [OFFERS],
  },
  {
    what: 'a list price in inventory that is not the catalog’s',
    service: 'inventory',
    harm: `insert into {list_prices} values ('MUG', '${newId()}', 1, '{"GBP":299}', 0)`,
    repair: 'delete from {list_prices}',
    finds: ['10 the list prices in inventory are those of the catalog'],
  },
  {
    what: 'an offer with another name than the catalog’s',
    service: 'order',
    harm: `update {offers} set name = 'Mug'`,
    repair: `update {offers} set name = 'Mug, Blue'`,
    finds: [OFFERS],
  },
  {
    what: 'an offer that is off sale though its product is published',
    service: 'order',
    harm: 'update {offers} set on_sale = 0',
    repair: 'update {offers} set on_sale = 1',
    finds: [OFFERS],
  },
  {
    what: 'a draft that is on sale',
    service: 'catalog',
    harm: `update {products} set status = 'draft'`,
    repair: `update {products} set status = 'published'`,
    finds: [OFFERS],
  },
  {
    what: 'a copy that is ahead of its owner, and would miss what comes next',
    service: 'order',
    harm: 'update {offer_products} set version = 4',
    repair: 'update {offer_products} set version = 2',
    finds: [OFFERS],
  },
  {
    what: 'a promotion that the catalog does not have',
    service: 'order',
    harm: `insert into {promotions} (promotion_id, version, deleted, state) values ('${newId()}', 1, 0, '{}')`,
    repair: 'delete from {promotions}',
    finds: [PROMOTIONS],
  },
  {
    what: 'a promotion that the order service does not have',
    service: 'catalog',
    harm: `insert into {promotions} (id, enabled, automatic, starts_at, ends_at, state, version, deleted, created_at,
       updated_at) values ('${newId()}', 1, 1, '2020-01-01', '2030-01-01', '{}', 1, 0, '2020-01-01', '2020-01-01')`,
    repair: 'delete from {promotions}',
    finds: [PROMOTIONS],
  },
  {
    what: 'a variant that has no offer',
    service: 'order',
    harm: `update {offers} set sku = 'GHOST'`,
    repair: `update {offers} set sku = 'MUG'`,
    finds: [OFFERS],
  },
  {
    what: 'a variant whose SKU inventory does not know',
    service: 'catalog',
    harm: `insert into {variants} (sku, product_id, position, name, attributes, prices, deleted)
      select 'GHOST', id, 1, '', '{}', '[]', 0 from {products}`,
    repair: `delete from {variants} where sku = 'GHOST'`,
    finds: [OFFERS, '10 inventory knows the SKUs of the catalog'],
  },
  {
    what: 'a product that the catalog shows as sold out',
    service: 'catalog',
    harm: `update {stock_statuses} set status = 'out_of_stock'`,
    repair: `update {stock_statuses} set status = 'in_stock'`,
    finds: ['10 the catalog shows what is in stock', SAME_STATUS],
  },
  {
    what: 'a SKU whose status the order service never took',
    service: 'order',
    harm: `update {stock_statuses} set sku = 'GHOST'`,
    repair: `update {stock_statuses} set sku = 'MUG'`,
    finds: ['10 the order service knows what is in stock', SAME_STATUS],
  },
  {
    what: 'a SKU that is low in one copy only',
    service: 'order',
    harm: `update {stock_statuses} set status = 'low_stock'`,
    repair: `update {stock_statuses} set status = 'in_stock'`,
    finds: [SAME_STATUS],
  },
]

/** Every way in which the audit's queries must turn red, and how the shop is whole again. */
export const damages: Damage[] = [
  {
    what: 'stock that no movement explains',
    service: 'inventory',
    harm: 'update {stock} set on_hand = 11',
    repair: 'update {stock} set on_hand = 10',
    finds: ['1 on hand = sum of movements', '1 on hand = the last balance'],
  },
  {
    what: 'a movement that does not go on from the one before',
    service: 'inventory',
    harm: `insert into {movements} (id, sku, location_id, kind, delta, balance, reason, recorded_at) values
      ('${newId()}', 'MUG', 1, 'adjustment', 1, 12, 'forged', utc_timestamp(6)),
      ('${newId()}', 'MUG', 1, 'adjustment', -1, 10, 'forged', utc_timestamp(6))`,
    repair: `delete from {movements} where reason = 'forged'`,
    finds: ['1 balance of a movement = the one before + delta'],
  },
  {
    what: 'a movement of something that has no stock',
    service: 'inventory',
    harm: `insert into {movements} (id, sku, location_id, kind, delta, balance, reason, recorded_at)
      values ('${newId()}', 'GHOST', 1, 'receipt', 1, 1, 'x', utc_timestamp(6))`,
    repair: `delete from {movements} where sku = 'GHOST'`,
    finds: ['1 no movement without stock'],
  },
  {
    what: 'stock that is reserved without a reservation',
    service: 'inventory',
    harm: 'update {stock} set reserved = 4',
    repair: 'update {stock} set reserved = 3',
    finds: ['1 reserved = sum of active reservations'],
  },
  {
    what: 'stock held by a reservation that has ended',
    service: 'inventory',
    harm: `update {reservations} set state = 'cancelled'`,
    repair: `update {reservations} set state = 'confirmed'`,
    finds: [
      '1 reserved = sum of active reservations',
      '1 nothing held by an ended reservation',
      '2 orders hold their stock until they are over',
    ],
  },
  {
    what: 'a confirmed order that holds other SKUs than were ordered',
    service: 'order',
    harm: `update {order_lines} set sku = 'JUG' where position = 2`,
    repair: `update {order_lines} set sku = 'MUG' where position = 2`,
    finds: ['2 orders hold their stock until they are over'],
  },
  {
    what: 'an order that is over and still holds stock',
    service: 'order',
    harm: `update {orders} set status = 'cancelled'`,
    repair: `update {orders} set status = 'confirmed'`,
    finds: ['2 orders hold their stock until they are over'],
  },
  {
    what: 'an order that was not settled by its deadline',
    service: 'order',
    harm: `update {orders} set status = 'reserved', expires_at = utc_timestamp(6) - interval 5 minute`,
    repair: `update {orders} set status = 'confirmed', expires_at = null`,
    finds: ['3 no order is past its deadline'],
  },
  {
    what: 'a cart that names another order than the one made from it',
    service: 'order',
    harm: `update {carts} set order_id = '${newId()}'`,
    repair: 'update {carts} set order_id = (select id from {orders})',
    finds: ['4 an ordered cart and its order name each other'],
  },
  {
    what: 'a second authorization that was not voided',
    service: 'order',
    harm: `insert into {payment_attempts} (id, order_id, kind, uniqueness_key, provider, amount_minor, currency, state,
      correlation_id, created_at) select '${newId()}', id, 'authorize', 'second', 'sandbox', 3000, 'GBP', 'succeeded',
      'c', utc_timestamp(6) from {orders}`,
    repair: `delete from {payment_attempts} where uniqueness_key = 'second'`,
    finds: [
      '4 at most one unvoided authorization per order',
      '4 authorized and captured = the payment attempts',
    ],
  },
  {
    what: 'money that was never authorized',
    service: 'order',
    harm: `update {payment_attempts} set state = 'declined'`,
    repair: `update {payment_attempts} set state = 'succeeded'`,
    finds: ['4 authorized and captured = the payment attempts'],
  },
  {
    what: 'money that is held for a rejected order',
    service: 'order',
    harm: `update {orders} set status = 'rejected'`,
    repair: `update {orders} set status = 'confirmed'`,
    finds: [
      '2 orders hold their stock until they are over',
      '4 confirmed orders are authorized in full, rejected ones not at all',
    ],
  },
  {
    what: 'an order total that differs from the sum of its lines',
    service: 'order',
    harm: 'update {order_lines} set unit_price_minor = 999, total_minor = 1998 where position = 1',
    repair: 'update {order_lines} set unit_price_minor = 1000, total_minor = 2000 where position = 1',
    finds: ['5 order total = sum of line totals + shipping with its tax'],
  },
  {
    what: 'an event that never leaves the outbox',
    service: 'catalog',
    harm: `insert into {outbox} (event_id, type, subject, aggregate_version, correlation_id, occurred_at, data)
      values ('${newId()}', 'x', 'y', 1, 'c', utc_timestamp(6) - interval 5 minute, '{}')`,
    repair: 'delete from {outbox}',
    finds: ['6 catalog: the outbox drains'],
  },
  {
    what: 'an event that is parked',
    service: 'user',
    harm: `insert into {outbox} (event_id, type, subject, aggregate_version, correlation_id, occurred_at, data, parked_at)
      values ('${newId()}', 'x', 'y', 1, 'c', utc_timestamp(6), '{}', utc_timestamp(6))`,
    repair: 'delete from {outbox}',
    finds: ['6 user: the outbox drains'],
  },
  {
    what: 'an event that no consumer applied',
    service: 'order',
    harm: `update {event_counters} set count = 6 where kind = 'emitted' and type = 'order.order-placed.v1'`,
    repair: `update {event_counters} set count = 5 where kind = 'emitted' and type = 'order.order-placed.v1'`,
    finds: ['6 emitted = applied + dead-lettered + dropped'],
  },
  {
    what: 'an event that took effect twice',
    service: 'inventory',
    harm: `update {event_counters} set count = 4 where kind = 'applied' and type = 'order.order-placed.v1'`,
    repair: `update {event_counters} set count = 3 where kind = 'applied' and type = 'order.order-placed.v1'`,
    finds: ['6 emitted = applied + dead-lettered + dropped'],
  },
  {
    what: 'an order that still names an erased person',
    service: 'order',
    harm: `update {orders} set user_id = '${ERASED_ID}'`,
    repair: 'update {orders} set user_id = null',
    finds: ['9 an erased person is in no table any more'],
  },
  {
    what: 'a cart that still names an erased person',
    service: 'order',
    harm: `update {carts} set user_id = '${ERASED_ID}'`,
    repair: 'update {carts} set user_id = null',
    finds: ['9 an erased person is in no table any more'],
  },
  {
    what: 'an erased order that still has an address with a name',
    service: 'order',
    harm: 'update {orders} set erased_at = utc_timestamp(6)',
    repair: 'update {orders} set erased_at = null',
    finds: ['9 the orders of an erased person name nobody'],
  },
  {
    what: 'activity of an erased person',
    service: 'user',
    harm: `insert into {activity} (id, user_id, type, at)
      values ('${newId()}', '${ERASED_ID}', 'logged-in', utc_timestamp(6))`,
    repair: 'delete from {activity}',
    finds: ['9 an erased person is in no table any more'],
  },
  {
    what: 'an erased account that still has an address',
    service: 'user',
    harm: `update {users} set email = 'ada@example.com'`,
    repair: `update {users} set email = '${ERASED_ID}@erased.invalid'`,
    finds: ['9 an erased account holds nothing but its id'],
  },
  {
    what: 'an open session of an erased person',
    service: 'user',
    harm: `insert into {sessions} (id, user_id, created_at, last_used_at, expires_at)
      values ('${newId()}', '${ERASED_ID}', utc_timestamp(6), utc_timestamp(6), utc_timestamp(6))`,
    repair: 'delete from {sessions}',
    finds: ['9 an erased account holds nothing but its id'],
  },
  ...copies,
]
