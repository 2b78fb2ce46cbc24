import { notFound } from '@storewright/service-kit/http'
import type { Db } from '../database.ts'
import type { OrderWatch } from '../order-notifier.ts'
import type { Shipment } from '../orders/order-schemas.ts'
import { findShipment, listShipmentLines } from './queries.ts'

const WAIT_MS = 5_000

const readShipment = async (db: Db, id: string): Promise<Shipment> => {
  const shipment = (await findShipment(db, id)) ?? notFound('shipment', id)
  const lines = await listShipmentLines(db, id)
  return {
    ...shipment,
    lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
    createdAt: shipment.createdAt.toISOString(),
    shippedAt: shipment.shippedAt?.toISOString() ?? null,
  }
}

/** The shipment once its payment was captured or refused; as it is when the provider needs longer. */
export const awaitShipment = (db: Db, watch: OrderWatch, id: string): Promise<Shipment> =>
  watch.readUntil(
    () => readShipment(db, id),
    ({ status }) => status !== 'capturing',
    WAIT_MS,
  )
