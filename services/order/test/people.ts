import { OrderPersonalDataErased, UserErased, type Envelope } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import { sql } from 'kysely'
import type { OrderService } from './harness.ts'

/** What a person leaves in an order. */
export const RECOGNISABLE = {
  email: 'ada@lovelace.example',
  shippingAddress: {
    name: 'Ada Lovelace',
    line1: '12 Analytical Row',
    city: 'Marylebone',
    region: 'Middlesex',
    postalCode: 'W1U 6AB',
    country: 'GB',
    phone: '+44 20 7946 0000',
  },
  billingAddress: {
    name: 'Ada King',
    line1: '1 Countess Way',
    city: 'Ockham',
    postalCode: '75001',
    country: 'FR',
  },
}
/** What would betray that person anywhere. */
export const TRACES = /lovelace|analytical|marylebone|middlesex|W1U|7946|King|Countess|Ockham/i

export const userErased = (userId: string, erasureId: string = newId()) =>
  anEvent(UserErased, { userId, erasureId, erasedAt: new Date().toISOString() })

/** Customers of a shop, and what is stored of them. */
export const peopleOf = (shop: OrderService) => ({
  person: async () => {
    const userId = newId()
    const token = await shop.jwks.tokenFor({ userId })
    return { userId, token, place: () => shop.place({ MUG: 1 }, { as: token, more: RECOGNISABLE }) }
  },
  receipts: async (event: Envelope<UserErased>) =>
    (await shop.emitted(OrderPersonalDataErased, event.data.erasureId)).map(({ data }) => data),
  /** Every row of every table of the service, as text. */
  everything: async () => {
    const { rows } = await sql<{ name: string }>`select table_name as name from information_schema.tables
      where table_schema = database()`.execute(shop.db)
    const texts = await Promise.all(
      rows.map(async ({ name }) =>
        JSON.stringify((await sql`select * from ${sql.table(name)}`.execute(shop.db)).rows),
      ),
    )
    return texts.join('\n')
  },
  ordersOf: (userId: string) =>
    shop.db.selectFrom('orders').select('id').where('user_id', '=', userId).execute(),
  cartsOf: (userId: string) =>
    shop.db.selectFrom('carts').select('id').where('user_id', '=', userId).execute(),
})
