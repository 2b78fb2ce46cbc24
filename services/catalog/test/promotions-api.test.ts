import { PromotionChanged } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { describe, expect, it } from 'vitest'
import { promotionRebuilder } from '../src/promotions/edit-promotions.ts'
import { anId, gbp, useCatalog } from './harness.ts'

const catalog = useCatalog()

const HOUR_MS = 3_600_000
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString()
const tenPercent = { name: 'Sale', kind: 'percentage', percentage: 10, code: 'TEN' }
let counter = 0
const nextCode = () => `CODE-${(counter += 1)}`

const post = (body: Record<string, unknown>, headers: Record<string, string> = {}) =>
  catalog.send('POST', '/v1/promotions', { as: 'staff', body, headers })
const make = async (change: Record<string, unknown> = {}) => {
  const made = await post({ ...tenPercent, code: nextCode(), ...change })
  expect(made.status, made.text).toBe(201)
  return made.body
}
const patch = (id: string, body: Record<string, unknown>, headers: Record<string, string> = {}) =>
  catalog.send('PATCH', `/v1/promotions/${id}`, { as: 'staff', body, headers })
const faults = ({ body }: { body: { errors?: { path: string }[] } }) =>
  (body.errors ?? []).map(({ path }) => path)

describe('a promotion', () => {
  it('is added, read, changed and deleted, and emits its whole state each time', async () => {
    const made = await post({ ...tenPercent, percentage: 12.5, code: ' summer-26 ', endsAt: inHours(1) })
    expect(made).toMatchObject({
      status: 201,
      headers: { etag: '"1"', location: `/v1/promotions/${made.body.id}` },
      body: {
        status: 'active',
        percentage: 12.5,
        code: 'SUMMER-26',
        version: 1,
        appliesTo: null,
        exclusive: false,
      },
    })
    const { id } = made.body
    expect((await catalog.get(`/v1/promotions/${id}`, 'staff')).body).toEqual(made.body)

    const changed = await patch(id, { startsAt: inHours(0.5), minimum: gbp(500) }, { 'if-match': '"1"' })
    expect(changed).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { status: 'scheduled', percentage: 12.5, minimums: [gbp(500)], minimum: gbp(500), version: 2 },
    })
    expect((await patch(id, { name: 'Late' }, { 'if-match': '"1"' })).status).toBe(412)
    expect((await patch(id, { minimum: gbp(500) })).body.version).toBe(2)

    const gone = await catalog.send('DELETE', `/v1/promotions/${id}`, { as: 'staff' })
    expect(gone.status).toBe(204)
    expect((await catalog.get(`/v1/promotions/${id}`, 'staff')).status).toBe(404)
    const events = await catalog.emitted(PromotionChanged, id)
    expect(
      events.map(({ data, aggregateVersion }) => [aggregateVersion, data.deleted, data.basisPoints]),
    ).toEqual([
      [1, false, 1_250],
      [2, false, 1_250],
      [3, true, 1_250],
    ])
  })

  it('is added once under one Idempotency-Key', async () => {
    const body = { ...tenPercent, code: nextCode() }
    const first = await post(body, { 'idempotency-key': 'promotion-once' })
    const second = await post(body, { 'idempotency-key': 'promotion-once' })
    expect(second).toMatchObject({
      status: 201,
      headers: { 'idempotency-replayed': 'true' },
      body: first.body,
    })
    const other = await post({ ...body, name: 'Other' }, { 'idempotency-key': 'promotion-once' })
    expect(other.status).toBe(422)
  })

  it('loses what belonged to its old kind when it gets another one', async () => {
    const { id } = await make()
    const changed = await patch(id, { kind: 'amount', amounts: [gbp(500), { amount: 600, currency: 'EUR' }] })
    expect(changed.body).toMatchObject({ kind: 'amount', percentage: null, amount: gbp(500), per: 'order' })
    expect(faults(await patch(id, { kind: 'buy_x_get_y', buy: { quantity: 2 } }))).toEqual(['get'])
    const cleared = await patch(id, { code: null, kind: 'free_shipping' })
    expect(cleared.body).toMatchObject({ code: null, amounts: [] })
  })

  it('may name what has gone since, but nothing new that is not there', async () => {
    const product = await catalog.makeProduct()
    const { id } = await make({ appliesTo: { products: [product.id] } })
    await catalog.send('DELETE', `/v1/products/${product.id}`, { as: 'staff' })
    expect((await patch(id, { name: 'Still there' })).status).toBe(200)
    const wrong = await patch(id, { appliesTo: { products: [product.id, anId()], categories: [anId()] } })
    expect(wrong.status).toBe(422)
    expect(faults(wrong)).toEqual(['appliesTo.products.1', 'appliesTo.categories.0'])
  })

  it('is listed by status and code, in pages', async () => {
    const wanted = {
      disabled: { enabled: false },
      scheduled: { startsAt: inHours(1) },
      ended: { startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-02-01T00:00:00Z' },
    }
    for (const [status, change] of Object.entries(wanted)) {
      const { id, code } = (await make(change)) as unknown as { id: string; code: string }
      const found = await catalog.get(`/v1/promotions?status=${status}&code=${code.toLowerCase()}`, 'staff')
      expect(found.body.items).toMatchObject([{ id, status }])
      expect((await catalog.get(`/v1/promotions?status=active&code=${code}`, 'staff')).body.items).toEqual([])
    }
    const all = (await catalog.get('/v1/promotions?limit=100', 'staff')).body.items.map(({ id }) => id)
    const first = (await catalog.get('/v1/promotions?limit=2', 'staff')).body
    const second = (await catalog.get(`/v1/promotions?limit=2&cursor=${first.nextCursor}`, 'staff')).body
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(all.slice(0, 4))
    expect((await catalog.get('/v1/promotions?code=%25', 'staff')).body.items).toEqual([])
  })
})

describe('a coupon code', () => {
  it('belongs to one promotion at a time, whatever its case, width and blanks', async () => {
    const code = nextCode()
    const { id } = await make({ code })
    const taken = await post({ ...tenPercent, code: ` ${code.toLowerCase()} ` })
    expect(taken).toMatchObject({ status: 409, body: { type: 'urn:storewright:problem:code-taken' } })
    expect(faults(taken)).toEqual(['code'])
    const other = await make()
    expect((await patch(other.id, { code })).status).toBe(409)
    await catalog.send('DELETE', `/v1/promotions/${id}`, { as: 'staff' })
    expect((await patch(other.id, { code })).status).toBe(200)
  })

  it('of a promotion that has ended may be used again, and then the old one cannot come back', async () => {
    const code = nextCode()
    const old = await make({ code, startsAt: inHours(-2), endsAt: inHours(-1) })
    await make({ code })
    expect((await patch(old.id, { name: 'Only a name' })).status).toBe(200)
    expect((await patch(old.id, { endsAt: inHours(1) })).status).toBe(409)
  })

  it('is given to one of 20 promotions that ask for it at once', async () => {
    const body = { ...tenPercent, code: nextCode() }
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(body)))
    expect(answers.map(({ status }) => status).sort()).toEqual([
      201,
      ...Array.from({ length: 19 }, () => 409),
    ])
  })
})

it('is repeated as it is, deleted ones too, under the number of its last event', async () => {
  const [kept, gone] = [await make(), await make()]
  await patch(kept.id, { name: 'Newer' })
  await catalog.send('DELETE', `/v1/promotions/${gone.id}`, { as: 'staff' })
  await catalog.clearOutbox()
  const page = { after: '', limit: 1_000, skus: null }
  const ids = await inTransaction(catalog.db, (trx) => promotionRebuilder.emitPage(trx, page))
  expect(ids).toEqual(ids.toSorted())
  const repeated = async (id: string) => {
    const events = await catalog.emitted(PromotionChanged, id)
    return events.map(({ aggregateVersion, replay, data }) => [
      aggregateVersion,
      replay,
      data.name,
      data.deleted,
    ])
  }
  expect(await repeated(kept.id)).toEqual([[2, true, 'Newer', false]])
  expect(await repeated(gone.id)).toEqual([[2, true, 'Sale', true]])
})

it('accepts one of ten concurrent edits of one version', async () => {
  const { id } = await make()
  const edits = Array.from({ length: 10 }, (_, index) =>
    patch(id, { name: `Edit ${index}` }, { 'if-match': '"1"' }),
  )
  const statuses = (await Promise.all(edits)).map(({ status }) => status)
  expect(statuses.sort()).toEqual([200, ...Array.from({ length: 9 }, () => 412)])
})

it('runs 200 without a code at most', async () => {
  const { id } = await make({ code: null })
  const row = await catalog.db
    .selectFrom('promotions')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const state = typeof row.state === 'string' ? row.state : JSON.stringify(row.state)
  const copies = Array.from({ length: 199 }, () => ({ ...row, id: anId(), state }))
  await catalog.db.insertInto('promotions').values(copies).execute()
  expect(await post({ ...tenPercent, code: null })).toMatchObject({ status: 409 })
  expect((await post({ ...tenPercent, code: nextCode() })).status).toBe(201)
  expect((await patch(id, { name: 'Renamed' })).status).toBe(200)
  await catalog.db
    .deleteFrom('promotions')
    .where(
      'id',
      'in',
      copies.map((copy) => copy.id),
    )
    .execute()
})

const amount = { name: 'Off', kind: 'amount' }
const deal = { name: 'Deal', kind: 'buy_x_get_y', buy: { quantity: 1 }, get: { quantity: 1 } }

it.each<[string, Record<string, unknown>, number, string[]]>([
  ['no name', { kind: 'free_shipping' }, 400, ['name']],
  ['an unknown kind', { ...tenPercent, kind: 'gift' }, 400, ['kind']],
  ['an unknown property', { ...tenPercent, colour: 'red' }, 400, ['colour']],
  ['no percentage', { name: 'A', kind: 'percentage' }, 422, ['percentage']],
  ['a percentage of 0', { ...tenPercent, percentage: 0 }, 400, ['percentage']],
  ['a percentage above 100', { ...tenPercent, percentage: 100.01 }, 400, ['percentage']],
  ['a percentage of three decimals', { ...tenPercent, percentage: 12.345 }, 422, ['percentage']],
  ['a percentage of nearly nothing', { ...tenPercent, percentage: 0.001 }, 422, ['percentage']],
  ['an amount with a percentage', { ...tenPercent, amount: gbp(1) }, 422, ['amount']],
  ['an amount of nothing', { ...amount, amount: gbp(0) }, 422, ['amount.amount']],
  ['a negative amount', { ...amount, amount: gbp(-1) }, 400, ['amount.amount']],
  ['no amount', { ...amount, amounts: [] }, 422, ['amounts']],
  ['an unknown currency', { ...amount, amount: { amount: 1, currency: 'QQQ' } }, 422, ['amount.currency']],
  ['a currency twice', { ...amount, amounts: [gbp(1), gbp(2)] }, 422, ['amounts.1.currency']],
  ['amount and amounts', { ...amount, amount: gbp(1), amounts: [gbp(1)] }, 422, ['amount']],
  ['a minimum of nothing', { ...tenPercent, minimum: gbp(0) }, 422, ['minimum.amount']],
  ['nothing to get', { ...deal, get: undefined }, 422, ['get']],
  ['a get of nothing', { ...deal, get: { quantity: 0 } }, 400, ['get.quantity']],
  ['a get percentage above 100', { ...deal, get: { quantity: 1, percentage: 101 } }, 400, ['get.percentage']],
  ['an unknown SKU', { ...deal, buy: { quantity: 1, skus: ['NOT-THERE'] } }, 422, ['buy.skus.0']],
  ['an unknown product', { ...tenPercent, appliesTo: { products: [anId()] } }, 422, ['appliesTo.products.0']],
  [
    'an unknown category',
    { ...tenPercent, appliesTo: { categories: [anId()] } },
    422,
    ['appliesTo.categories.0'],
  ],
  [
    'a slug for a product',
    { ...tenPercent, appliesTo: { products: ['mug'] } },
    400,
    ['appliesTo.products.0'],
  ],
  ['nothing that it applies to', { ...tenPercent, appliesTo: {} }, 422, ['appliesTo']],
  ['a code of blanks', { ...tenPercent, code: '  ' }, 422, ['code']],
  ['a code with a blank inside', { ...tenPercent, code: 'A B' }, 422, ['code']],
  ['an end before its start', { ...tenPercent, startsAt: inHours(2), endsAt: inHours(1) }, 422, ['endsAt']],
  ['an end at its start', { ...tenPercent, startsAt: inHours(2), endsAt: inHours(2) }, 422, ['endsAt']],
  ['an end that is past', { ...tenPercent, endsAt: inHours(-1) }, 422, ['endsAt']],
  ['a start that is no instant', { ...tenPercent, startsAt: 'soon' }, 400, ['startsAt']],
  ['a start in the year 0', { ...tenPercent, startsAt: '0000-01-01T00:00:00Z' }, 422, ['startsAt']],
  ['a limit of 0', { ...tenPercent, limits: { total: 0 } }, 400, ['limits.total']],
])('refuses %s', async (_what, body, status, fields) => {
  const answer = await post(body)
  expect(answer.status, answer.text).toBe(status)
  for (const field of fields) expect(faults(answer).join()).toContain(field)
})

it('is for those with promotions:write', async () => {
  const customers = await catalog.send('POST', '/v1/promotions', { as: 'customer', body: tenPercent })
  expect(customers.status).toBe(403)
  expect((await catalog.get('/v1/promotions')).status).toBe(401)
  for (const id of ['nothing', anId()]) expect((await patch(id, { name: 'A' })).status).toBe(404)
})
