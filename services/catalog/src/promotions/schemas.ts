import { Price, SkuInput, Timestamp, Uuid } from '@storewright/contracts'
import { PageQuery } from '@storewright/service-kit/http'
import { Type, type TSchema } from 'typebox'
import { PromotionKind } from '../promotion-schema.ts'
import { Name, Version } from '../schemas.ts'

/** How many products, categories or SKUs one promotion names; a wider one is on a category or on everything. */
const MAX_TARGETS = 100
const MAX_CURRENCIES = 50
const MAX_COUNT = 1_000_000_000

const orNull = <Schema extends TSchema>(schema: Schema, options = {}) =>
  Type.Union([schema, Type.Null()], options)

const Per = Type.Union([Type.Literal('unit'), Type.Literal('order')], {
  title: 'PromotionPer',
  description: 'an amount is taken off each unit, or once; by default off each unit of what it is on',
})
const Percentage = Type.Number({
  exclusiveMinimum: 0,
  maximum: 100,
  description: 'with two decimals at most',
  examples: [12.5],
})
const Prices = Type.Array(Price, { maxItems: MAX_CURRENCIES, description: 'one per currency' })
const Buy = { quantity: Type.Integer({ minimum: 1, maximum: 1_000 }) }
const Code = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'case, outer blanks and the width of characters do not matter',
  examples: ['SUMMER26'],
})
const Instant = Type.String({ format: 'date-time', maxLength: 40, examples: ['2026-11-27T00:00:00Z'] })
const Count = Type.Integer({ minimum: 1, maximum: MAX_COUNT })
const Priority = Type.Integer({
  minimum: -1_000,
  maximum: 1_000,
  description: 'of two on the same level the lower one is applied first',
})
const targets = Type.Array(Uuid, { maxItems: MAX_TARGETS, uniqueItems: true })

const editable = {
  percentage: Type.Optional(Percentage),
  amount: Type.Optional({ ...Price, description: 'short for `amounts` of one' }),
  amounts: Type.Optional(Prices),
  per: Type.Optional(Per),
  buy: Type.Optional(
    Type.Object(
      { ...Buy, skus: Type.Optional(Type.Array(SkuInput, { maxItems: MAX_TARGETS })) },
      { additionalProperties: false, description: 'without `skus`: of what it is on' },
    ),
  ),
  get: Type.Optional(
    Type.Object(
      { ...Buy, percentage: Type.Optional({ ...Percentage, description: '100 where it is left out' }) },
      { additionalProperties: false, description: 'of what it is on; else of what is bought' },
    ),
  ),
  appliesTo: Type.Optional(
    orNull(
      Type.Object(
        { products: Type.Optional(targets), categories: Type.Optional(targets) },
        { additionalProperties: false },
      ),
      { description: 'any of these, what is below a category included; without it the whole order' },
    ),
  ),
  code: Type.Optional(orNull(Code)),
  enabled: Type.Optional(Type.Boolean()),
  startsAt: Type.Optional(orNull(Instant)),
  endsAt: Type.Optional(orNull(Instant)),
  minimum: Type.Optional(orNull(Price, { description: 'short for `minimums` of one' })),
  minimums: Type.Optional({
    ...Prices,
    description: 'what it is on must cost this much, before promotions; one per currency',
  }),
  minimumQuantity: Type.Optional(orNull(Count)),
  limits: Type.Optional(
    Type.Object(
      { total: Type.Optional(orNull(Count)), perCustomer: Type.Optional(orNull(Count)) },
      { additionalProperties: false, description: 'how many orders may have it' },
    ),
  ),
  priority: Type.Optional(Priority),
  exclusive: Type.Optional(
    Type.Boolean({ description: 'applies alone, where that is cheaper for the customer' }),
  ),
}

export const PromotionInput = Type.Object(
  { name: Name, kind: PromotionKind, ...editable },
  {
    title: 'NewPromotion',
    examples: [
      {
        name: 'Summer sale',
        kind: 'percentage',
        percentage: 10,
        code: 'SUMMER26',
        endsAt: '2026-09-01T00:00:00Z',
      },
      { name: 'Three for two', kind: 'buy_x_get_y', buy: { quantity: 2 }, get: { quantity: 1 } },
    ],
  },
)
export const PromotionPatch = Type.Object(
  { name: Type.Optional(Name), kind: Type.Optional(PromotionKind), ...editable },
  { title: 'PromotionPatch', minProperties: 1, examples: [{ endsAt: '2026-09-08T00:00:00Z' }] },
)

const Status = Type.Union(
  [Type.Literal('disabled'), Type.Literal('scheduled'), Type.Literal('active'), Type.Literal('ended')],
  { title: 'PromotionStatus' },
)

const shown = {
  id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a6b',
  name: 'Summer sale',
  status: 'active',
  kind: 'percentage',
  percentage: 10,
  amount: null,
  amounts: [],
  per: 'order',
  buy: null,
  get: null,
  appliesTo: null,
  code: 'SUMMER26',
  enabled: true,
  startsAt: null,
  endsAt: '2026-09-01T00:00:00.000Z',
  minimum: null,
  minimums: [],
  minimumQuantity: null,
  limits: { total: null, perCustomer: null },
  priority: 0,
  exclusive: false,
  version: 1,
  createdAt: '2026-06-01T09:30:00.000Z',
  updatedAt: '2026-06-01T09:30:00.000Z',
}

export const PromotionId = Uuid
const shownTargets = Type.Array(Uuid, { maxItems: MAX_TARGETS })

export const Promotion = Type.Object(
  {
    id: PromotionId,
    name: Type.String({ maxLength: 200, examples: ['Summer sale'] }),
    status: Status,
    kind: PromotionKind,
    percentage: orNull(Percentage),
    amount: orNull(Price, { description: 'the first of `amounts`' }),
    amounts: Prices,
    per: Per,
    buy: orNull(Type.Object({ ...Buy, skus: Type.Array(SkuInput, { maxItems: MAX_TARGETS }) })),
    get: orNull(Type.Object({ ...Buy, percentage: Percentage })),
    appliesTo: orNull(Type.Object({ products: shownTargets, categories: shownTargets })),
    code: orNull(Code),
    enabled: Type.Boolean(),
    startsAt: orNull(Timestamp),
    endsAt: orNull(Timestamp),
    minimum: orNull(Price, { description: 'the first of `minimums`' }),
    minimums: Prices,
    minimumQuantity: orNull(Count),
    limits: Type.Object({ total: orNull(Count), perCustomer: orNull(Count) }),
    priority: Priority,
    exclusive: Type.Boolean(),
    version: Version,
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: 'Promotion', examples: [shown] },
)

export const Params = Type.Object({ id: { ...Uuid, examples: [shown.id] } })

export const ListQuery = Type.Object({
  ...PageQuery.properties,
  status: Type.Optional(Status),
  code: Type.Optional(Code),
})
