import type { Envelope, ProductChanged } from '@storewright/contracts'
import type { Trx } from '@storewright/database'
import type { Database } from '../database.ts'
import { insertUnknownSkus } from './queries.ts'

/**
 * The catalogue's SKUs become known, with nothing in stock. A SKU never moves to another product and its stock outlives
 * the product, so nothing else of the event matters, nor does the order of events.
 */
export const knowProducts = (trx: Trx<Database>, events: readonly Envelope<ProductChanged>[]) =>
  insertUnknownSkus(
    trx,
    events
      .filter(({ data }) => data.status !== 'deleted')
      .flatMap(({ data }) => data.variants.map(({ sku }) => sku)),
  )
