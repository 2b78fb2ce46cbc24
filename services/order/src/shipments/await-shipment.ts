import { notFound } from '@storewright/service-kit'
import type { Db } from '../database.ts'
import type { ShipmentShape } from '../orders/order-schemas.ts'
import type { OrderWatch } from '../signals.ts'
import { findShipment, listShipmentLines } from './queries.ts'

const WAIT_MS = 5_000
const LOOK_EVERY_MS = 1_000

const readShipment = async (db: Db, id: string): Promise<ShipmentShape> => {
  const shipment = (await findShipment(db, id)) ?? notFound('shipment', id)
  const lines = await listShipmentLines(db, id)
  return {
    ...shipment,
    lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
    createdAt: shipment.createdAt.toISOString(),
    shippedAt: shipment.shippedAt?.toISOString() ?? null,
  }
}

/** The shipment once its money was taken or refused; as it is when the provider needs longer. */
export const awaitShipment = async (db: Db, watch: OrderWatch, id: string): Promise<ShipmentShape> => {
  const deadline = performance.now() + WAIT_MS
  for (;;) {
    const shipment = await readShipment(db, id)
    const left = deadline - performance.now()
    if (shipment.status !== 'capturing' || left <= 0) return shipment
    await watch.news(Math.min(left, LOOK_EVERY_MS))
  }
}
