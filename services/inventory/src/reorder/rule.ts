import { MAX_QUANTITY, Quantity, Sku, Timestamp, Uuid } from '@storewright/contracts'
import { Type, type Static } from 'typebox'
import { LocationCode } from '../locations/location.ts'
import { Problem } from '../problems.ts'
import { LeadTimeDays } from '../suppliers/supplier.ts'
import type { ReorderRule } from './queries.ts'

const OrNull = <Schema extends Type.TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description })

const Units = Type.Integer({ minimum: 0, maximum: MAX_QUANTITY })

const fields = {
  reorderPoint: OrNull(
    Units,
    'order when at most this many are available; where the policy is computed by the suggestion, whatever is sent',
  ),
  reorderQuantity: OrNull(
    Quantity,
    'how many to order; where the policy is computed by the suggestion, whatever is sent',
  ),
  upTo: OrNull(Quantity, 'of the policy up_to: how many there are to be with what is on order'),
  supplier: OrNull(Uuid, 'its id; without one automatic orders are drafts'),
  leadTimeDays: OrNull(LeadTimeDays, 'in place of the supplier’s'),
  lowStockThreshold: OrNull(
    Units,
    'at most this many available opens an alert; without it the shop’s threshold, which alone decides the public status',
  ),
}
const automatic = Type.Boolean({ description: 'whether purchase orders are made' })
const policy = Type.Union([Type.Literal('fixed'), Type.Literal('up_to'), Type.Literal('computed')], {
  title: 'ReorderPolicy',
  description:
    'fixed: orders reorderQuantity; up_to: what is missing to upTo; computed: point and quantity follow the suggestions',
})

const example = {
  policy: 'fixed',
  reorderPoint: 10,
  reorderQuantity: 24,
  upTo: null,
  automatic: true,
  supplier: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a80',
  leadTimeDays: null,
  lowStockThreshold: 12,
}

export const RuleInput = Type.Object(
  {
    ...Type.Partial(Type.Object(fields)).properties,
    policy: { ...policy, default: 'fixed' },
    automatic,
    location: Type.Optional(LocationCode),
  },
  { title: 'ReorderRuleInput', examples: [{ reorderPoint: 10, reorderQuantity: 24, automatic: true }] },
)
export type RuleInput = Static<typeof RuleInput>

export const RuleView = Type.Object(
  {
    sku: Sku,
    location: LocationCode,
    policy,
    ...fields,
    automatic,
    version: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  {
    title: 'ReorderRule',
    examples: [
      {
        sku: 'MUG-1',
        location: 'main',
        ...example,
        version: 1,
        createdAt: '2026-01-31T09:30:00.000Z',
        updatedAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  },
)

export const describeRule = (rule: ReorderRule, location: string) => ({
  sku: rule.sku,
  location,
  policy: rule.policy,
  reorderPoint: rule.reorderPoint,
  reorderQuantity: rule.reorderQuantity,
  upTo: rule.upTo,
  supplier: rule.supplierId,
  leadTimeDays: rule.leadTimeDays,
  lowStockThreshold: rule.lowStockThreshold,
  automatic: rule.automatic === 1,
  version: rule.version,
  createdAt: rule.createdAt.toISOString(),
  updatedAt: rule.updatedAt.toISOString(),
})

/** Throws with every field that makes no sense: a rule must raise the stock above the point at which it orders. */
export const requireSense = ({ policy, reorderPoint, reorderQuantity, upTo }: RuleInput) => {
  const needsPoint = policy !== 'computed' && typeof reorderPoint !== 'number'
  const isAbove = typeof reorderPoint === 'number' && typeof upTo === 'number' && reorderPoint >= upTo
  const faults: [isFault: boolean, path: keyof RuleInput, message: string][] = [
    [needsPoint, 'reorderPoint', 'is required unless the policy is computed'],
    [isAbove, 'reorderPoint', 'must be below upTo'],
    [
      policy === 'fixed' && typeof reorderQuantity !== 'number',
      'reorderQuantity',
      'is required by the policy',
    ],
    [policy === 'up_to' && typeof upTo !== 'number', 'upTo', 'is required by the policy'],
    [policy !== 'up_to' && typeof upTo === 'number', 'upTo', 'belongs to the policy up_to'],
  ]
  const errors = faults.filter(([isFault]) => isFault).map(([, path, message]) => ({ path, message }))
  if (errors.length > 0) throw new Problem('unprocessable', 'The rule makes no sense.', { errors })
}
