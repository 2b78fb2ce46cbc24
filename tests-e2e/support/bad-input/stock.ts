import { randomUUID } from 'node:crypto'
import { absurd, bad, LONG, type Case } from './fixtures.ts'

const adjust = (what: string, body: Record<string, unknown>, status: number, field?: string) =>
  bad(
    `an adjustment with ${what}`,
    'POST',
    ({ bowl }) => `/v1/stock/${bowl.sku}/adjustments`,
    status,
    field,
    ({ admin }) => ({ token: admin, idempotencyKey: randomUUID(), body }),
  )

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
  bad(
    'an adjustment that cuts into what is reserved',
    'POST',
    ({ mug }) => `/v1/stock/${mug.sku}/adjustments`,
    409,
    undefined,
    ({ admin }) => ({
      token: admin,
      idempotencyKey: randomUUID(),
      body: { delta: -19, reason: 'too many' },
    }),
  ),
  bad(
    'an adjustment without Idempotency-Key',
    'POST',
    ({ bowl }) => `/v1/stock/${bowl.sku}/adjustments`,
    400,
    undefined,
    ({ admin }) => ({
      token: admin,
      body: { delta: 1, reason: 'a' },
    }),
  ),
  bad(
    'an adjustment of a SKU that is not there',
    'POST',
    '/v1/stock/NOT-THERE/adjustments',
    404,
    undefined,
    ({ admin }) => ({
      token: admin,
      idempotencyKey: randomUUID(),
      body: { delta: 1, reason: 'a' },
    }),
  ),
  bad('the stock of a SKU that is not there', 'GET', '/v1/stock/NOT-THERE', 404),
  bad('a customer who reads reservations', 'GET', '/v1/reservations', 403, undefined, ({ ada }) => ({
    token: ada.token,
  })),
]
