export * from './event.ts'
export * from './shop.ts'
export {
  Currency,
  Line,
  MAX_AMOUNT,
  MAX_CURSOR,
  MAX_LOOKUP,
  MAX_QUANTITY,
  Money,
  NextCursor,
  normaliseSku,
  Page,
  Price,
  Quantity,
  Sku,
  SkuInput,
  SkuLookup,
  SkuQuantity,
  skusOf,
  StockStatus,
  Timestamp,
  UnpagedList,
  Uuid,
} from './shapes.ts'
export * from './topology.ts'
export * from './events/user.ts'
export * from './events/catalog.ts'
export * from './events/inventory.ts'
export * from './events/order.ts'
export * from './events/notification.ts'
