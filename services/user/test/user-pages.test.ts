import { newId } from '@storewright/database'
import { scratchDatabase, type ScratchDatabase } from '@storewright/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listAccounts, type AccountFilter, type AccountOrder } from '../src/accounts/list-queries.ts'
import type { Database } from '../src/database.ts'
import { allMigrations } from '../src/database.ts'

const ACCOUNTS = 6_000
const LIMIT = 20
/** Its rows with the roles of each, and what was skipped between them. */
const FAIR = LIMIT * 10

let database: ScratchDatabase<Database>
const ids = Array.from({ length: ACCOUNTS }, () => newId()).sort()
beforeAll(async () => {
  database = await scratchDatabase<Database>(await allMigrations(), { name: 'user' })
  const users = ids.map((id, at) => ({
    id,
    email: `p${String(at).padStart(5, '0')}@example.com`,
    name: `Name ${String(at % 1_000).padStart(4, '0')}`,
    password_hash: '',
    created_at: new Date(),
    status: at % 100 === 0 ? ('disabled' as const) : ('active' as const),
  }))
  const roles = ids.map((id, at) => ({ user_id: id, role: at % 100 === 1 ? 'support' : 'customer' }))
  for (let at = 0; at < ACCOUNTS; at += 2_000) {
    await database.db
      .insertInto('users')
      .values(users.slice(at, at + 2_000))
      .execute()
    await database.db
      .insertInto('user_roles')
      .values(roles.slice(at, at + 2_000))
      .execute()
  }
  await sql`analyze table users, user_roles`.execute(database.db)
})
afterAll(() => database.drop())

/** How many rows the server touches for a page. */
const rowsRead = (filter: AccountFilter, order: AccountOrder, after?: { value: string; id: string }) =>
  database.db.connection().execute(async (connection) => {
    const count = async () => {
      const { rows } = await sql<{ Value: string }>`show session status like 'Handler_read%'`.execute(
        connection,
      )
      return rows.reduce((sum, { Value }) => sum + Number(Value), 0)
    }
    const before = await count()
    const found = await listAccounts(connection, filter, { order, after, limit: LIMIT })
    expect(found.length).toBeGreaterThan(0)
    return (await count()) - before
  })

const middle = ACCOUNTS / 2
const at = { newest: '', email: `p${String(middle).padStart(5, '0')}@`, name: 'Name 0500' }
const searches: [AccountFilter, AccountOrder][] = [
  [{}, 'newest'],
  [{ role: 'customer' }, 'newest'],
  [{ status: 'active' }, 'newest'],
  [{ role: 'customer', status: 'active' }, 'newest'],
  [{ email: 'p' }, 'email'],
  [{ email: 'p', role: 'customer', status: 'active' }, 'email'],
  [{ name: 'Name' }, 'name'],
  [{ name: 'Name', role: 'customer', status: 'active' }, 'name'],
]
it.each(searches)('reads for a page in the middle what the page holds: %j by %s', async (filter, order) => {
  expect(await rowsRead(filter, order)).toBeLessThan(FAIR)
  expect(await rowsRead(filter, order, { value: at[order], id: ids[middle] ?? '' })).toBeLessThan(FAIR)
})

it.each([{ role: 'support' }, { status: 'disabled' }, { role: 'customer', status: 'disabled' }] as const)(
  'reads no more than there are of the few: %j',
  async (filter) => {
    expect(await rowsRead(filter, 'newest', { value: '', id: ids[middle] ?? '' })).toBeLessThan(FAIR)
  },
)
