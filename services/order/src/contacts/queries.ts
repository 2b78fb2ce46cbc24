import { lockShared } from '@storewright/database'
import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

export interface Contact {
  userId: string
  version: number
  email: string
  name: string | null
  locale: string | null
  taxExempt: boolean
}

/** The newest state of each account wins, whatever order they arrive in; `replays` also overwrite what is as new. */
export const upsertContacts = (trx: Trx, contacts: readonly Contact[], { replays }: { replays: boolean }) => {
  const ifNewer = (column: string) =>
    sql<never>`if(values(version) ${sql.raw(replays ? '>=' : '>')} version, values(${sql.ref(column)}), ${sql.ref(column)})`
  return trx
    .insertInto('account_contacts')
    .values(
      contacts.map(({ userId, taxExempt, ...contact }) => ({
        user_id: userId,
        tax_exempt: taxExempt,
        ...contact,
      })),
    )
    .onDuplicateKeyUpdate({
      email: ifNewer('email'),
      name: ifNewer('name'),
      locale: ifNewer('locale'),
      tax_exempt: ifNewer('tax_exempt'),
      // Last, because the columns are assigned in this order and the others compare with the old version.
      version: sql`greatest(version, values(version))`,
    })
    .execute()
}

// After the insert: an erasure whose tombstone is not seen here waits for the row, and deletes it.
/** Deletes those of these accounts whose person was erased. */
export const deleteErasedContacts = (trx: Trx, userIds: readonly string[]) =>
  trx
    .deleteFrom('account_contacts')
    .where('user_id', 'in', userIds)
    .where('user_id', 'in', (eb) =>
      eb.selectFrom('erased_users').select('user_id').where('user_id', 'in', userIds),
    )
    .execute()

export const deleteContact = async (trx: Trx, userId: string): Promise<number> =>
  Number(
    (await trx.deleteFrom('account_contacts').where('user_id', '=', userId).executeTakeFirst())
      .numDeletedRows,
  )

export const listContactRows = async (db: Db | Trx, userIds: readonly string[]): Promise<Contact[]> => {
  const rows = await db
    .selectFrom('account_contacts')
    .select(['user_id as userId', 'version', 'email', 'name', 'locale', 'tax_exempt as taxExempt'])
    .where('user_id', 'in', userIds)
    .execute()
  return rows.map((row) => ({ ...row, version: Number(row.version), taxExempt: row.taxExempt === 1 }))
}

/** Which of these accounts are known by now; a contact that is being written is waited for, or throws. */
export const lockContacts = (trx: Trx, userIds: readonly string[], wait: boolean) =>
  trx
    .selectFrom('account_contacts')
    .select('user_id as userId')
    .where('user_id', 'in', userIds)
    .modifyEnd(lockShared({ wait }))
    .execute()

/** The newest orders of these accounts that have no e-mail address, locked; a bounded number. */
export const lockOrdersWithoutEmail = (trx: Trx, userIds: readonly string[], limit: number) =>
  trx
    .selectFrom('orders')
    .select(['id', 'user_id as userId', 'correlation_id as correlationId'])
    .where('user_id', 'in', userIds)
    .where('email', 'is', null)
    .orderBy('id', 'desc')
    .limit(limit)
    .forUpdate()
    .execute()

/** Gives these orders the address of their customer's account. */
export const setEmails = (trx: Trx, orderIds: readonly string[]) =>
  trx
    .updateTable('orders')
    .set({
      email: (eb) =>
        eb
          .selectFrom('account_contacts')
          .select('email')
          .whereRef('account_contacts.user_id', '=', 'orders.user_id'),
      version: sql`version + 1`,
    })
    .where('id', 'in', orderIds)
    .execute()
