import { isCurrency, MAX_AMOUNT, normaliseSku, type Money } from '@storewright/contracts'
import { evaluate, type NotApplied } from '@storewright/promotions/evaluate'
import { normaliseCode, type Line } from '@storewright/promotions/promotion'
import { Problem, type FieldError } from '@storewright/service-kit/http'
import type { Static } from 'typebox'
import type { Db } from '../database.ts'
import type { EvaluationInput } from './evaluate-schemas.ts'
import { listCategoriesOf, listOffered, listPricedVariants } from './running-queries.ts'

type Input = Static<typeof EvaluationInput>

const refuse = (detail: string, errors: FieldError[]) => {
  if (errors.length > 0) throw new Problem('unprocessable', detail, { errors })
}

const findLines = async (db: Db, items: Input['items'], currency: string): Promise<Line[]> => {
  const skus = items.map(({ sku }) => normaliseSku(sku) ?? '')
  const errors: FieldError[] = []
  const fault = (index: number, message: string, field = 'sku') =>
    void errors.push({ path: `items.${index}.${field}`, message })
  const variants = new Map((await listPricedVariants(db, skus)).map((variant) => [variant.sku, variant]))
  const categories = Map.groupBy(
    await listCategoriesOf(db, [...new Set([...variants.values()].map(({ productId }) => productId))]),
    ({ productId }) => productId,
  )
  const lines = items.flatMap(({ quantity }, index): Line[] => {
    const sku = skus[index] ?? ''
    const variant = variants.get(sku)
    const unitPrice = variant?.prices.find((price) => price.currency === currency)?.amount
    if (skus.indexOf(sku) < index) fault(index, 'stands twice')
    else if (!variant) fault(index, 'is not on sale')
    else if (unitPrice === undefined) fault(index, `has no price in ${currency}`)
    else if (unitPrice * quantity > MAX_AMOUNT) fault(index, 'is more than one can pay', 'quantity')
    else {
      const { productId } = variant
      const categoryIds = (categories.get(productId) ?? []).map(({ categoryId }) => categoryId)
      return [{ sku, productId, categoryIds, quantity, unitPrice }]
    }
    return []
  })
  refuse('Not all of these articles can be priced.', errors)
  const total = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0)
  if (total > MAX_AMOUNT)
    refuse('This is more than one can pay.', [{ path: 'items', message: 'cost more than one can pay' }])
  return lines
}

const describeNotApplied = ({ promotion, code, reason, message, missing, missingQuantity }: NotApplied) => ({
  ...(promotion && { promotionId: promotion.promotionId, name: promotion.name }),
  ...(code !== null && { code }),
  reason,
  message,
  ...(missing && { missing }),
  ...(missingQuantity !== undefined && { missingQuantity }),
})

/** What promotions make of these items, in a fixed number of statements; codes count only where sent. 422 by field. */
export const evaluateItems = async (
  db: Db,
  { items, codes = [], currency: asked }: Input,
  { currency: default_, now }: { currency: string; now: Date },
) => {
  const currency = asked ?? default_
  if (!isCurrency(currency))
    refuse('There is no such currency.', [{ path: 'currency', message: 'is no ISO 4217 currency' }])
  const lines = await findLines(db, items, currency)
  // What can be no code stays as it was sent, and is reported as unknown.
  const sent = codes.map((code) => normaliseCode(code) ?? code)
  const promotions = await listOffered(db, now, sent)
  const {
    lines: priced,
    applied,
    notApplied,
    totals,
    freeShipping,
  } = evaluate(promotions, lines, {
    now,
    currency,
    codes: sent,
  })
  const money = (amount: number): Money => ({ amount, currency })
  return {
    currency,
    lines: priced.map((line) => ({
      sku: line.sku,
      quantity: line.quantity,
      unitPrice: money(line.unitPrice),
      subtotal: money(line.subtotal),
      discount: money(line.discount),
      total: money(line.total),
      promotions: line.promotions.map(({ promotionId, amount }) => ({ promotionId, amount: money(amount) })),
    })),
    discounts: applied.map(
      ({ promotion: { promotionId, name, kind, code }, amount, freeShipping: free }) => ({
        promotionId,
        name,
        kind,
        ...(code !== null && { code }),
        amount: money(amount),
        freeShipping: free,
      }),
    ),
    notApplied: notApplied.map(describeNotApplied),
    freeShipping,
    totals: {
      subtotal: money(totals.subtotal),
      discount: money(totals.discount),
      total: money(totals.total),
    },
  }
}
