import { OrderCancelled, OrderPlaced } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { describe, expect, it } from 'vitest'
import { useOrder } from './harness.ts'
import { peopleOf, RECOGNISABLE } from './people.ts'
import type { OrderBody } from './shapes.ts'

const shop = useOrder({ MUG: 1000 })
const { person } = peopleOf(shop)

describe('the personal data of a user', () => {
  type Page = { items: { type: string; id: string; [field: string]: unknown }[]; nextCursor: string | null }
  const read = (userId: string, query = '', token = shop.internalToken) =>
    shop.send<Page>('GET', `/internal/users/${userId}/personal-data${query}`, {
      headers: { 'x-internal-token': token },
    })
  const readAll = async (userId: string, limit: number) => {
    const items: Page['items'] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { body: Page } = await read(userId, `?limit=${limit}${cursor && `&cursor=${cursor}`}`)
      expect(page.body.items.length).toBeLessThanOrEqual(limit)
      items.push(...page.body.items)
      cursor = page.body.nextCursor
    }
    return items
  }

  it('is listed whole, page by page, and without other users’', async () => {
    const [one, other] = [await person(), await person()]
    const orders: OrderBody[] = []
    for (let count = 0; count < 5; count++) orders.push(await one.place())
    await other.place()
    const cart = await shop.cartWith({ MUG: 7 }, { as: one.token })

    for (const limit of [2, 5, 100]) {
      const items = await readAll(one.userId, limit)
      const of = (type: string) => items.filter((item) => item.type === type)
      expect(of('order').map(({ id }) => id)).toEqual(orders.map(({ id }) => id).reverse())
      expect(of('cart').map(({ id }) => id)).toContain(cart.id)
      expect(of('cart')).toHaveLength(6)
      expect(items).toHaveLength(11)
    }
    const [order] = await readAll(one.userId, 1)
    expect(order).toMatchObject({
      ...RECOGNISABLE,
      lines: [{ sku: 'MUG', quantity: 1 }],
      timeline: [{ type: OrderPlaced.type }],
      payments: [],
    })
  })

  it('is empty for an unknown user', async () => {
    expect(await readAll(newId(), 20)).toEqual([])
  })

  it('is served to other services only, and refuses invalid cursors', async () => {
    expect((await read(newId(), '', 'guessed')).status).toBe(403)
    expect((await read('nobody')).status).toBe(404)
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    for (const cursor of [
      'x',
      encoded(['order', 1e99, newId()]),
      encoded(['cart', 0, 'é']),
      encoded(['user', 0, '']),
    ])
      expect(await read(newId(), `?cursor=${cursor}`)).toMatchObject({ status: 400 })
  })
})

it('emits OrderCancelled with the user and the order number', async () => {
  const { userId, token, place } = await person()
  const placed = await place()
  await shop.cancel(placed, { as: token })
  expect(await shop.emitted(OrderCancelled, placed.id)).toMatchObject([
    { data: { userId, number: placed.number } },
  ])
})
