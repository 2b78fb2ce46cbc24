import { randomUUID } from 'node:crypto'
import { newId } from '@storewright/database'
import { beforeAll, describe, expect, it } from 'vitest'
import { useOrder, type OrderService } from './harness.ts'
import type { OrderBody } from './shapes.ts'

const shop = useOrder({ MUG: 1299 })
let ann: string
let bob: string
let support: string

beforeAll(async () => {
  ann = await shop.jwks.tokenFor()
  bob = await shop.jwks.tokenFor()
  support = await shop.jwks.tokenFor({ permissions: ['orders:read'] })
})

describe('an order', () => {
  const read = (id: string, call: Parameters<OrderService['send']>[2]) => [
    shop.send('GET', `/v1/orders/${id}`, call),
    shop.send('GET', `/v1/orders/${id}/timeline`, call),
  ]
  const statuses = async (id: string, call: Parameters<OrderService['send']>[2]) =>
    (await Promise.all(read(id, call))).map(({ status }) => status)

  it('of a user is read by them and by staff, and is 404 for anybody else', async () => {
    const order = await shop.place({ MUG: 1 }, { as: ann, more: { email: undefined } })
    expect(order.accessToken).toBeUndefined()
    expect(await statuses(order.id, { as: ann })).toEqual([200, 200])
    expect(await statuses(order.id, { as: support })).toEqual([200, 200])
    for (const call of [{}, { as: bob }, { orderToken: 'guess' }, { as: bob, orderToken: 'x'.repeat(43) }]) {
      expect(await statuses(order.id, call)).toEqual([404, 404])
      expect((await shop.cancel(order, call)).status).toBe(404)
      expect((await shop.pay(order, 'tok_ok', call)).status).toBe(404)
    }
    expect((await shop.cancel(order, { as: support })).status).toBe(404)
    expect((await shop.cancel(order, { as: ann })).status).toBe(200)
  })

  it('of a guest is read with its own token, as header or link, and with no other order’s', async () => {
    const [one, two] = [await shop.place({ MUG: 1 }), await shop.place({ MUG: 1 })]
    expect(await statuses(one.id, { orderToken: one.accessToken })).toEqual([200, 200])
    expect(await statuses(one.id, { orderToken: two.accessToken })).toEqual([404, 404])
    expect(await statuses(one.id, { as: ann })).toEqual([404, 404])
    const linked = await shop.send<OrderBody>('GET', `/v1/orders/${one.id}?token=${one.accessToken}`)
    expect(linked).toMatchObject({ status: 200, body: { id: one.id, email: 'a@example.com' } })
    expect(linked.body.accessToken).toBeUndefined()
    const rows = await shop.db.selectFrom('orders').selectAll().where('id', '=', one.id).execute()
    expect(JSON.stringify(rows)).not.toContain(one.accessToken)
  })

  it('shows on its timeline who cancelled it', async () => {
    const order = await shop.place({ MUG: 1 })
    await shop.cancel(order, {
      as: shop.admin,
      orderToken: undefined,
      headers: { 'x-request-id': 'by-staff' },
    })
    expect((await shop.timeline(order)).at(-1)).toMatchObject({
      type: 'order.order-cancelled.v1',
      by: 'staff',
      correlationId: 'by-staff',
      summary: 'The order was cancelled.',
      data: { reason: 'cancelled-on-request' },
    })
  })

  it('keeps one correlation id from the request to its last step', async () => {
    const order = await shop.place({ MUG: 1 }, { headers: { 'x-request-id': 'one-thread' } })
    const event = { ...shop.reservedEvent(order), correlationId: 'one-thread' }
    await shop.deliver(event)
    await shop.until(order, 'confirmed')
    expect(new Set((await shop.timeline(order)).map(({ correlationId }) => correlationId))).toEqual(
      new Set(['one-thread']),
    )
  })

  it('that does not exist is 404 whatever its id looks like', async () => {
    for (const id of [randomUUID(), newId(), 'nonsense', "' or 1=1 --", '..%2f..%2fetc']) {
      expect(await statuses(encodeURIComponent(id), { as: shop.admin })).toEqual([404, 404])
    }
  })
})

describe('the list of orders', () => {
  const list = async (query: string, as: string) => {
    const { body } = await shop.send<{ items: OrderBody[]; nextCursor: string | null }>(
      'GET',
      `/v1/orders?${query}`,
      { as },
    )
    return body
  }

  it('lists a user’s own orders, newest first, page by page, each once', async () => {
    const carol = await shop.jwks.tokenFor()
    const placed: string[] = []
    for (let count = 0; count < 7; count++) placed.unshift((await shop.place({ MUG: 1 }, { as: carol })).id)

    const seen: string[] = []
    let cursor: string | null = ''
    for (let page = 0; cursor !== null; page++) {
      const { items, nextCursor } = await list(`limit=3${cursor ? `&cursor=${cursor}` : ''}`, carol)
      expect(items.length).toBe(page < 2 ? 3 : 1)
      seen.push(...items.map(({ id }) => id))
      cursor = nextCursor
    }
    expect(seen).toEqual(placed)
  })

  it('filters by status and time, and lists all orders for staff', async () => {
    const dora = await shop.jwks.tokenFor()
    const kept = await shop.place({ MUG: 1 }, { as: dora })
    const gone = await shop.place({ MUG: 1 }, { as: dora })
    await shop.cancel(gone, { as: dora })
    const ids = async (query: string, as = dora) => (await list(query, as)).items.map(({ id }) => id)

    expect(await ids('status=pending')).toEqual([kept.id])
    expect(await ids('status=cancelled')).toEqual([gone.id])
    expect(await ids(`from=${gone.placedAt}`)).toEqual([gone.id])
    expect(await ids(`to=${gone.placedAt}`)).toEqual([kept.id])
    expect(await ids('limit=2', support)).toEqual([gone.id, kept.id])
    expect(await ids('', ann)).not.toContain(kept.id)
  })

  it('is refused without a user', async () => {
    expect((await shop.send('GET', '/v1/orders')).status).toBe(401)
  })
})
