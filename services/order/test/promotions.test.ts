import { PromotionChanged } from '@storewright/contracts'
import { newId, parseJson } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import { expect, it } from 'vitest'
import { useOrder } from './harness.ts'

const shop = useOrder()

const promotion = (change: Partial<PromotionChanged> = {}): PromotionChanged => ({
  promotionId: newId(),
  name: 'Sale',
  kind: 'percentage',
  basisPoints: 1_000,
  amounts: [],
  per: 'order',
  buy: null,
  get: null,
  productIds: [],
  categoryIds: [],
  code: 'SUMMER',
  enabled: true,
  startsAt: null,
  endsAt: '2026-09-01T00:00:00.000Z',
  minimums: [],
  minimumQuantity: null,
  limits: { total: null, perCustomer: null },
  priority: 0,
  exclusive: false,
  deleted: false,
  ...change,
})
const fact = (data: PromotionChanged, aggregateVersion: number, replay = false) =>
  anEvent(PromotionChanged, data, { aggregateVersion, ...(replay && { replay }) })

const copyOf = async (id: string) => {
  const { state, ...row } = await shop.db
    .selectFrom('promotions')
    .select(['version', 'code', 'deleted', 'state'])
    .where('promotion_id', '=', id)
    .executeTakeFirstOrThrow()
  return { ...row, version: Number(row.version), state: parseJson(state) }
}

it('keeps the newest whole state of a promotion, in whatever order the events arrive', async () => {
  const data = promotion()
  const states = [4, 2, 5, 1, 3].map((version) => fact({ ...data, name: `v${version}` }, version))
  for (const event of states) expect(await shop.deliver(event)).toBe('applied')
  const { deleted: _deleted, ...state } = data
  expect(await copyOf(data.promotionId)).toEqual({
    version: 5,
    code: 'SUMMER',
    deleted: 0,
    state: { ...state, name: 'v5' },
  })
})

it('applies a promotion once when it is delivered twice, and takes its version again from a replay only', async () => {
  const data = promotion()
  const event = fact(data, 1)
  await shop.deliver(event)
  await shop.deliver(fact({ ...data, name: 'Another' }, 1))
  await shop.deliver(event)
  expect(await copyOf(data.promotionId)).toMatchObject({ version: 1, state: { name: 'Sale' } })
  await shop.deliver(fact({ ...data, name: 'As it is' }, 1, true))
  expect(await copyOf(data.promotionId)).toMatchObject({ version: 1, state: { name: 'As it is' } })
})

it('does not bring a deleted promotion back', async () => {
  const data = promotion()
  await shop.deliver(fact({ ...data, deleted: true }, 2))
  await shop.deliver(fact(data, 1))
  expect(await copyOf(data.promotionId)).toMatchObject({ version: 2, deleted: 1 })
})
