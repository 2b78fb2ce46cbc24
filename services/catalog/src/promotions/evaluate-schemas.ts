import { Currency, Money, Quantity, Sku, SkuInput } from '@storewright/contracts'
import { reasons, type Reason } from '@storewright/promotions/evaluate'
import { Type } from 'typebox'
import { PromotionKind } from '../promotion-schema.ts'
import { PromotionId } from './schemas.ts'

const MAX_ITEMS = 100
const MAX_CODES = 20
/** Promotions without a code, one for each code, and codes that nobody has. */
const MAX_PROMOTIONS = 250

const gbp = (amount: number) => ({ amount, currency: 'GBP' })
const promotionId = '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a6b'

export const EvaluationInput = Type.Object(
  {
    currency: Type.Optional({ ...Currency, description: 'that of the shop where it is left out' }),
    codes: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
        maxItems: MAX_CODES,
        description: 'coupon codes, as the customer typed them',
      }),
    ),
    items: Type.Array(
      Type.Object(
        { sku: SkuInput, quantity: Quantity },
        { additionalProperties: false, title: 'EvaluatedItem' },
      ),
      { minItems: 1, maxItems: MAX_ITEMS, description: 'each SKU once' },
    ),
  },
  {
    title: 'EvaluationInput',
    examples: [{ codes: ['SUMMER26'], items: [{ sku: 'MUG-1', quantity: 2 }] }],
  },
)

const ShownCode = Type.String({ maxLength: 100, examples: ['SUMMER26'] })

const Line = Type.Object(
  {
    sku: Sku,
    quantity: Quantity,
    unitPrice: Money,
    subtotal: { ...Money, description: 'before promotions' },
    discount: Money,
    total: Money,
    promotions: Type.Array(Type.Object({ promotionId: PromotionId, amount: Money }), {
      maxItems: MAX_PROMOTIONS,
      description: 'what each takes off this line',
    }),
  },
  { title: 'EvaluatedLine' },
)

const Discount = Type.Object(
  {
    promotionId: PromotionId,
    name: Type.String({ maxLength: 200 }),
    kind: PromotionKind,
    code: Type.Optional(ShownCode),
    amount: { ...Money, description: 'of all lines' },
    freeShipping: Type.Boolean(),
  },
  { title: 'AppliedPromotion' },
)

const NotApplied = Type.Object(
  {
    promotionId: Type.Optional(PromotionId),
    name: Type.Optional(Type.String({ maxLength: 200 })),
    code: Type.Optional(ShownCode),
    reason: Type.Unsafe<Reason>(
      Type.String({ enum: [...reasons], title: 'NotAppliedReason', description: 'stable' }),
    ),
    message: Type.String({ maxLength: 200 }),
    missing: Type.Optional({ ...Money, description: 'more that what it is on must cost' }),
    missingQuantity: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000 })),
  },
  { title: 'NotAppliedPromotion' },
)

export const Evaluation = Type.Object(
  {
    currency: Currency,
    lines: Type.Array(Line, { maxItems: MAX_ITEMS }),
    discounts: Type.Array(Discount, {
      maxItems: MAX_PROMOTIONS,
      description: 'what applies, in the order of application',
    }),
    notApplied: Type.Array(NotApplied, {
      maxItems: MAX_PROMOTIONS,
      description: 'other promotions that run without a code, and the codes that were sent, with the reason',
    }),
    freeShipping: Type.Boolean(),
    totals: Type.Object({ subtotal: Money, discount: Money, total: Money }, { title: 'EvaluatedTotals' }),
  },
  {
    title: 'Evaluation',
    examples: [
      {
        currency: 'GBP',
        lines: [
          {
            sku: 'MUG-1',
            quantity: 2,
            unitPrice: gbp(1299),
            subtotal: gbp(2598),
            discount: gbp(260),
            total: gbp(2338),
            promotions: [{ promotionId, amount: gbp(260) }],
          },
        ],
        discounts: [
          {
            promotionId,
            name: 'Summer sale',
            kind: 'percentage',
            code: 'SUMMER26',
            amount: gbp(260),
            freeShipping: false,
          },
        ],
        notApplied: [
          {
            promotionId: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a6c',
            name: 'Free delivery',
            reason: 'minimum-not-reached',
            message: 'Articles for GBP 14.02 more are needed.',
            missing: gbp(1402),
          },
        ],
        freeShipping: false,
        totals: { subtotal: gbp(2598), discount: gbp(260), total: gbp(2338) },
      },
    ],
  },
)
