import { AccountContactChanged, OrderContactSet, OrderPlaced } from '@storewright/contracts'
import { inTransaction, newId } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { applyContacts, listContacts } from '../src/contacts/contacts.ts'
import { useOrder } from './harness.ts'
import { peopleOf, userErased } from './people.ts'
import type { CartBody, OrderBody } from './shapes.ts'

const shop = useOrder({ MUG: 1000 })
const { receipts, everything } = peopleOf(shop)

const contactOf = (userId: string, version: number, change: Partial<AccountContactChanged> = {}) => ({
  ...anEvent(AccountContactChanged, {
    userId,
    email: 'ann@xn--bcher-kva.example',
    emailVerified: true,
    name: 'Ann',
    locale: 'de-DE',
    marketingConsent: false,
    trackingConsent: false,
    channels: ['email'],
    taxExempt: false,
    changedAt: new Date().toISOString(),
    ...change,
  }),
  aggregateVersion: version,
})

const someone = async () => {
  const userId = newId()
  const token = await shop.jwks.tokenFor({ userId })
  return {
    userId,
    token,
    place: (more = {}) => shop.place({ MUG: 1 }, { as: token, more: { email: undefined, ...more } }),
  }
}
const contactEvents = async ({ id }: { id: string }) =>
  (await shop.emitted(OrderContactSet)).filter(({ data }) => data.orderId === id)
const stored = async (userId: string) => (await listContacts(shop.db, [userId])).get(userId)

describe('an order of a signed-in customer', () => {
  it('carries the address of the account, and states once whom to write to', async () => {
    const { userId, place } = await someone()
    await shop.deliver(contactOf(userId, 1))
    const order = await place()
    expect(order.email).toBe('ann@bücher.example')
    const [event, ...others] = await contactEvents(order)
    expect(others).toEqual([])
    expect(event).toMatchObject({
      subject: `contact:${order.id}`,
      aggregateVersion: 1,
      data: { email: 'ann@xn--bcher-kva.example', name: 'Ann', locale: 'de-DE' },
    })
    // The public aggregate is numbered without it.
    expect((await shop.emitted(OrderPlaced, order.id))[0]).toMatchObject({ aggregateVersion: 1 })
  })

  it('carries the address that it was given, if it was', async () => {
    const { userId, place } = await someone()
    await shop.deliver(contactOf(userId, 1))
    const order = await place({ email: ' Other@Example.COM ' })
    expect(order.email).toBe('other@example.com')
    expect((await contactEvents(order))[0]?.data).toMatchObject({ email: 'other@example.com', name: 'Ann' })
  })

  it('gets the address later where the account was not known yet, once', async () => {
    const { userId, token, place } = await someone()
    const order = await place()
    const given = await place({ email: 'given@example.com' })
    expect(order.email).toBeNull()
    expect(await contactEvents(order)).toEqual([])

    const event = contactOf(userId, 1)
    await shop.deliver(event)
    await shop.deliver(event)
    await shop.deliver(contactOf(userId, 2, { email: 'new@example.com' }))
    const known = await shop.order(order, { as: token })
    expect(known).toMatchObject({ email: 'ann@bücher.example', version: order.version + 1 })
    expect(await contactEvents(order)).toHaveLength(1)
    expect(await contactEvents(given)).toHaveLength(1)
    expect(await shop.order(given, { as: token })).toMatchObject({ email: 'given@example.com' })
  })

  it('waits for the address that is just being learnt, and carries it', async () => {
    const { userId, place } = await someone()
    const [gate, learnt] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const learning = inTransaction(shop.db, async (trx) => {
      await applyContacts(trx, [contactOf(userId, 1)])
      learnt.resolve()
      await gate.promise
    })
    await learnt.promise
    const placing = place()
    await shop.lockAwaited('account_contacts').finally(gate.resolve)
    await learning
    const order = await placing
    expect(order.email).toBe('ann@bücher.example')
    expect(await contactEvents(order)).toHaveLength(1)
  })

  it('is never left without an address by a first event that races the checkout', async () => {
    const placed = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const { userId, token, place } = await someone()
        const [order] = await Promise.all([place(), shop.deliver(contactOf(userId, 1))])
        return shop.order(order, { as: token })
      }),
    )
    expect(placed.map(({ email }) => email)).toEqual(placed.map(() => 'ann@bücher.example'))
    for (const order of placed) expect(await contactEvents(order)).toHaveLength(1)
  })

  it('of a guest states whom to write to, too', async () => {
    const order = await shop.place({ MUG: 1 }, { more: { email: 'jörg@example.com' } })
    expect((await contactEvents(order))[0]?.data).toMatchObject({
      email: 'jörg@example.com',
      name: 'A',
      locale: null,
    })
  })
})

describe('the copy of an account', () => {
  it('is the newest state, whatever order events arrive in and however often', async () => {
    const { userId } = await someone()
    const newer = contactOf(userId, 5, { email: 'new@example.com', taxExempt: true })
    await shop.deliver(newer)
    await shop.deliver(contactOf(userId, 4, { email: 'old@example.com' }))
    await shop.deliver(newer)
    expect(await stored(userId)).toMatchObject({ version: 5, email: 'new@example.com', taxExempt: true })
    await shop.deliver({ ...contactOf(userId, 5, { email: 'repeated@example.com' }), replay: true })
    expect(await stored(userId)).toMatchObject({ version: 5, email: 'repeated@example.com' })
  })

  it('is erased with the person, and does not come back with an event that was late', async () => {
    const { userId, place } = await someone()
    await shop.deliver(contactOf(userId, 1, { email: 'gone@lovelace.example' }))
    await place()
    const erasure = userErased(userId)
    await shop.deliver(erasure)
    // The contact, the order and its cart.
    expect(await receipts(erasure)).toMatchObject([{ records: 3 }])
    await shop.deliver(contactOf(userId, 2, { email: 'gone@lovelace.example' }))
    expect(await stored(userId)).toBeUndefined()
    await shop.db.deleteFrom('outbox' as never).execute()
    expect(await everything()).not.toMatch(/gone@lovelace/)
  })
})

it('takes the tax off the cart of an account that is exempt, and of nobody else', async () => {
  const rate = {
    name: 'VAT',
    country: 'GB',
    basisPoints: 2_000,
    included: true,
    validFrom: '2020-01-01T00:00:00Z',
  }
  expect((await shop.send('POST', '/v1/tax-rates', { as: shop.admin, body: rate })).status).toBe(201)
  const totalOf = async (taxExempt: boolean) => {
    const { userId, token } = await someone()
    await shop.deliver(contactOf(userId, 1, { taxExempt }))
    const { id } = await shop.cartWith({ MUG: 1 }, { as: token })
    const body = { country: 'GB', method: 'standard' }
    const cart = await shop.send<CartBody>('PUT', `/v1/carts/${id}/shipping`, { as: token, body })
    const { total, tax } = cart.body.totals
    return { total: total.amount, tax: tax.amount }
  }
  await expect.poll(() => totalOf(false)).toEqual({ total: 1_000, tax: 167 })
  expect(await totalOf(true)).toEqual({ total: 833, tax: 0 })
})

it('finds orders by e-mail in whatever form it is written, page by page', async () => {
  const list = async (query: string) =>
    (
      await shop.send<{ items: OrderBody[]; nextCursor: string | null }>('GET', `/v1/orders?${query}`, {
        as: shop.admin,
      })
    ).body
  const placed: OrderBody[] = []
  for (const email of ['zoë@bücher.example', 'Zoë@xn--bcher-kva.example', ' ZOË@BÜCHER.example'])
    placed.push(await shop.place({ MUG: 1 }, { more: { email } }))
  const email = encodeURIComponent('zoë@bücher.example')
  const first = await list(`email=${email}&limit=2`)
  const second = await list(`email=${email}&limit=2&cursor=${first.nextCursor}`)
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(placed.map(({ id }) => id).reverse())
  expect((await list('email=nobody@example.com')).items).toEqual([])
  expect((await shop.send('GET', '/v1/orders?email=nobody', { as: shop.admin })).status).toBe(400)
})
