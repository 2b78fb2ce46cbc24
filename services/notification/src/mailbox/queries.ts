import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** Stores a copy of a mail, once per message; fails where the message was erased in the meantime. */
export const insertCaptured = (
  trx: Trx,
  mail: { id: string; subject: string; text: string; html: string },
  now: Date,
) =>
  trx
    .insertInto('captured_mails')
    .values({
      message_id: mail.id,
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      captured_at: now,
    })
    .onDuplicateKeyUpdate({ seq: sql`seq` })
    .execute()

export const pruneCaptured = async (trx: Trx, keep: number) => {
  const oldest = await trx
    .selectFrom('captured_mails')
    .select('seq')
    .orderBy('seq', 'desc')
    .offset(keep)
    .limit(1)
    .executeTakeFirst()
  if (oldest) await trx.deleteFrom('captured_mails').where('seq', '<=', oldest.seq).execute()
}

const captured = (db: Db) =>
  db
    .selectFrom('captured_mails')
    .innerJoin('messages', 'messages.id', 'captured_mails.message_id')
    .select([
      'messages.id',
      'messages.recipient as to',
      'messages.kind',
      'messages.user_id as userId',
      'captured_mails.subject',
      'captured_mails.text',
      'captured_mails.html',
      'captured_mails.captured_at as sentAt',
    ])

export const listCaptured = (db: Db, { to, limit }: { to: string | undefined; limit: number }) =>
  captured(db)
    .$if(to !== undefined, (query) => query.where('messages.recipient', '=', to ?? ''))
    .orderBy('captured_mails.seq', 'desc')
    .limit(limit)
    .execute()
export type CapturedMail = Awaited<ReturnType<typeof listCaptured>>[number]

export const findCaptured = (db: Db, id: string) =>
  captured(db).where('messages.id', '=', id).executeTakeFirst()
