import { sql } from 'kysely'
import type { Trx } from '../database.ts'

const nextVersion = sql<number>`version + 1`

/** Changes the account's row and gives it its next version. */
export const changeAccount = async (
  trx: Trx,
  userId: string,
  change: {
    name?: string | null
    email?: string
    email_verified_at?: Date
    pending_email?: string | null
    password_hash?: string
  },
) => {
  await trx
    .updateTable('users')
    .set({ ...change, version: nextVersion })
    .where('id', '=', userId)
    .execute()
}
