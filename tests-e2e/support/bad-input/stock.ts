import { randomUUID } from 'node:crypto'
import { absurd, bad, badAt, byAda, byAdmin, LONG, type Case } from './fixtures.ts'

const ofBowl = badAt('POST', ({ bowl }) => `/v1/stock/${bowl.sku}/adjustments`)
const ofMug = badAt('POST', ({ mug }) => `/v1/stock/${mug.sku}/adjustments`)
const ofNothing = badAt('POST', '/v1/stock/NOT-THERE/adjustments')

const keyed = (body: Record<string, unknown>) => byAdmin({ idempotencyKey: randomUUID(), body })
const adjust = (what: string, body: Record<string, unknown>, status: number, field?: string) =>
  ofBowl(`an adjustment with ${what}`, status, field, keyed(body))
const tooMany = keyed({ delta: -19, reason: 'too many' })
const oneMore = { delta: 1, reason: 'a' }

export const stockCases: Case[] = [
  adjust('nothing', {}, 400, 'delta'),
  adjust('the delta 0', { delta: 0, reason: 'none' }, 422, 'delta'),
  ...absurd
    .filter(([what]) => what !== 'minus one')
    .map(([what, delta]) => adjust(`the delta ${what}`, { delta, reason: 'absurd' }, 400, 'delta')),
  adjust('no reason', { delta: 1 }, 400, 'reason'),
  adjust('an over-long reason', { delta: 1, reason: LONG }, 400, 'reason'),
  adjust('an unknown property', { delta: 1, reason: 'a', force: true }, 400, 'force'),
  adjust('an unknown location', { delta: 1, reason: 'a', location: 'nowhere' }, 422, 'location'),
  adjust('more than there is', { delta: -1_000, reason: 'a' }, 409),
  ofMug('an adjustment that cuts into what is reserved', 409, undefined, tooMany),
  ofBowl('an adjustment without Idempotency-Key', 400, undefined, byAdmin({ body: oneMore })),
  ofNothing('an adjustment of a SKU that is not there', 404, undefined, keyed(oneMore)),
  bad('the stock of a SKU that is not there', 'GET', '/v1/stock/NOT-THERE', 404),
  bad('a customer who reads reservations', 'GET', '/v1/reservations', 403, undefined, byAda()),
]
