import { NotificationPersonalDataErased, OrderPersonalDataErased } from '@storewright/contracts'
import { anEvent } from '@storewright/testing'
import { sql } from 'kysely'
import { PASSWORD, setUpUser, type SignedIn } from './harness.ts'
import { setUpMailbox } from './mailbox.ts'
import { ADMIN } from './staff.ts'

interface Erasure {
  id: string
  status: 'running' | 'completed'
  requestedAt: string
  completedAt: string | null
  receipts: { service: string; status: string; records: number | null; at: string | null }[]
}
export type Begun = { erasure: Erasure }

/** The receipts of the other services that hold personal data. */
export const orderReceipt = (userId: string, erasureId: string, records = 3) =>
  anEvent(OrderPersonalDataErased, { erasureId, userId, records, erasedAt: new Date().toISOString() })
export const notificationReceipt = (userId: string, erasureId: string, records = 2) =>
  anEvent(NotificationPersonalDataErased, { erasureId, userId, records, erasedAt: new Date().toISOString() })

/** The service of a file, with what erases people and what shows what is left of them. */
export const setUpErasures = () => {
  const user = setUpUser(ADMIN)
  const mailbox = setUpMailbox(user)

  /** A person with data in every table. */
  const somebody = async (): Promise<SignedIn> => {
    const { body } = await user.register()
    const token = body.tokens.accessToken
    const { user: account } = body
    const headers = { 'user-agent': `device of ${account.email}` }
    await user.request('PATCH', '/v1/me', { body: { name: `Ada of ${account.email}` }, token, headers })
    await user.request('POST', '/v1/me/addresses', {
      body: { name: account.email, line1: '1 High St', city: 'Leeds', postalCode: 'LS1 1AA', country: 'GB' },
      token,
      headers,
    })
    const preferences = { marketingConsent: true, custom: { mine: account.email } }
    await user.request('PUT', '/v1/me/preferences', { body: preferences, token, headers })
    await user.logIn(account.email)
    await user.logIn(account.email, 'not the password')
    await mailbox.forgot(account.email)
    return body
  }
  const erase = (token: string, password = PASSWORD) =>
    user.request<Begun>('DELETE', '/v1/me', { token, body: { password } })
  const follow = async (id: string) => (await user.get<Erasure>(`/v1/erasures/${id}`)).body

  /** Every row of every table but the outbox, as text. */
  const everything = async () => {
    const { rows } = await sql<{ name: string }>`select table_name as name from information_schema.tables
      where table_schema = database() and table_name <> 'outbox'`.execute(user.db)
    const texts = await Promise.all(
      rows.map(async ({ name }) =>
        JSON.stringify((await sql`select * from ${sql.table(name)}`.execute(user.db)).rows),
      ),
    )
    return texts.join('\n')
  }
  /** Tables that name this account, beside those of what must last. */
  const tablesThatName = async (userId: string) => {
    const { rows } = await sql<{ name: string }>`select table_name as name from information_schema.columns
      where table_schema = database() and column_name = 'user_id'`.execute(user.db)
    const names: string[] = []
    for (const { name } of rows) {
      const found = await sql`select 1 from ${sql.table(name)} where user_id = ${userId} limit 1`.execute(
        user.db,
      )
      if (found.rows.length > 0) names.push(name)
    }
    return names.sort()
  }

  return { user, mailbox, somebody, erase, follow, everything, tablesThatName }
}
