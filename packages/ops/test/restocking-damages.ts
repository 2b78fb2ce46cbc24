import type { Damage } from './damages.ts'

const RECEIVED = '1 received of a purchase order = sum of its receipts'
const ONCE = '1 at most one open automatic order per SKU and location'
const OPEN = '1 a line is on order while some of it is to come'
const REACHED = '1 what reached its reorder point is due or on order'

/** Of the rule for mugs, its open order PO-100001 and the cancelled one before. */
export const restockingDamages: Damage[] = [
  {
    what: 'goods of a purchase order that no receipt explains',
    service: 'inventory',
    harm: `update {purchase_order_lines} set received = 13 where ordered = 20`,
    repair: `update {purchase_order_lines} set received = 12 where ordered = 20`,
    finds: [RECEIVED],
  },
  {
    what: 'two automatic orders that are open for one SKU',
    service: 'inventory',
    harm: `update {purchase_orders} set status = 'draft' where seq = 100002`,
    repair: `update {purchase_orders} set status = 'cancelled' where seq = 100002`,
    finds: [ONCE, OPEN],
  },
  {
    what: 'an order under way that nobody would see',
    service: 'inventory',
    harm: 'update {purchase_order_lines} set open_sku = null',
    repair: `update {purchase_order_lines} set open_sku = 'MUG' where ordered = 20`,
    finds: [OPEN],
  },
  {
    what: 'a reorder point that stock does not have from its rule',
    service: 'inventory',
    harm: 'update {stock} set reorder_point = 4',
    repair: 'update {stock} set reorder_point = 5',
    finds: [REACHED],
  },
  {
    what: 'a need that was forgotten',
    service: 'inventory',
    harm: 'update {stock} set reserved = 6',
    repair: 'update {stock} set reserved = 3',
    finds: ['1 reserved = sum of active reservations', REACHED],
  },
]
