import { ProductChanged, StockStatusChanged } from '@storewright/contracts'
import { onBatch } from '@storewright/messaging'
import { applyProducts } from './apply-products.ts'
import { applyStockStatuses } from './apply-stock-statuses.ts'

/** What keeps the copies of offers and of stock true. */
export const offerSubscriptions = [onBatch(ProductChanged, applyProducts)]
export const stockStatusSubscriptions = [onBatch(StockStatusChanged, applyStockStatuses)]
