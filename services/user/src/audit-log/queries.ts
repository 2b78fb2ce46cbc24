import { sql, type Insertable } from 'kysely'
import { deleteBatch, type Database, type Db, type RowsOf, type Trx } from '../database.ts'

type Row = Insertable<Database['activity']>

export const insertActivity = async (trx: Trx, row: Row) => {
  await trx.insertInto('activity').values(row).execute()
}

/** Skips entries whose id is there already. */
export const insertNewActivities = async (trx: Trx, rows: readonly Row[]) => {
  await trx.insertInto('activity').ignore().values(rows).execute()
}

export const insertActivityIfAccountExists = async (trx: Trx, row: Row) => {
  await sql`insert into activity (id, user_id, type, at, by_user_id, address, device, details)
    select ${row.id}, id, ${row.type}, ${row.at}, ${row.by_user_id}, ${row.address}, ${row.device}, ${row.details}
    from users where id = ${row.user_id} and status <> 'erased'`.execute(trx)
}

const activityOf = (db: Db, userId: string) =>
  db
    .selectFrom('activity')
    .select(['id', 'type', 'at', 'by_user_id as byUserId', 'address', 'device', 'details'])
    .where('user_id', '=', userId)

/** An account's entries by id, so the oldest first. */
export const listAllActivity = (db: Db, { userId, after, limit }: RowsOf) =>
  activityOf(db, userId).where('id', '>', after).orderBy('id').limit(limit).execute()

export const listActivity = (
  db: Db,
  { userId, before, limit }: { userId: string; before: string | undefined; limit: number },
) =>
  activityOf(db, userId)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

/** Deletes a batch; ids begin with their time. False once nothing is left. */
export const deleteActivityBefore = (db: Db, before: Date): Promise<boolean> => {
  const milliseconds = before.getTime().toString(16).padStart(12, '0')
  const bound = `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}`
  return deleteBatch(db.deleteFrom('activity').where('id', '<', bound).orderBy('id'))
}

export const findAccountId = async (db: Db, userId: string) =>
  (await db.selectFrom('users').select('id').where('id', '=', userId).executeTakeFirst())?.id

/** Which of these accounts are not erased, locked until the commit: an erasure waits, or came before. */
export const lockExistingAccounts = async (trx: Trx, userIds: readonly string[]): Promise<string[]> => {
  const rows = await trx
    .selectFrom('users')
    .select('id')
    .where('id', 'in', [...new Set(userIds)])
    .where('status', '!=', 'erased')
    .orderBy('id')
    .modifyEnd(sql`lock in share mode`)
    .execute()
  return rows.map(({ id }) => id)
}
