import { Type, type TSchema } from 'typebox'
import { currency, MAX_AMOUNT, moneyFrom, Sku, SkuQuantity, timestamp, Uuid } from '../shapes.ts'

export const Money = moneyFrom(-MAX_AMOUNT, currency())
export const Timestamp = timestamp()
export const Lines = Type.Array(SkuQuantity, { minItems: 1 })
export const Available = Type.Integer({ minimum: 0 })
export const Shortages = Type.Array(Type.Object({ sku: Sku, wanted: Type.Integer(), available: Available }))

export const orNull = <Schema extends TSchema>(schema: Schema, options = {}) =>
  Type.Union([schema, Type.Null()], options)

export const oneOf = <const Text extends string>(...texts: Text[]) =>
  Type.Unsafe<Text>(Type.Union(texts.map((text) => Type.Literal(text))))

export const erasureReceipt = {
  erasureId: Uuid,
  userId: Uuid,
  records: Type.Integer({ minimum: 0, description: 'how many records the person was taken out of' }),
  erasedAt: Timestamp,
}
