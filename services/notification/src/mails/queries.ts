import { sql } from 'kysely'
import { newId, parseJson } from '@storewright/database'
import type { Db, Trx } from '../database.ts'
import type { Mail, NewMessage } from './mail.ts'

const ERROR_LENGTH = 300

/** Locks these people's rows in key order, adding the missing ones; returns who of them was erased. */
export const lockRecipients = async (trx: Trx, userIds: readonly string[]): Promise<Set<string>> => {
  const sorted = [...new Set(userIds)].sort()
  await trx
    .insertInto('recipients')
    .values(sorted.map((userId) => ({ user_id: userId })))
    .onDuplicateKeyUpdate({ user_id: sql`user_id` })
    .execute()
  const recipients = trx.selectFrom('recipients').select('user_id as userId').where('user_id', 'in', sorted)
  const erased = await recipients.where('erased_at', 'is not', null).execute()
  return new Set(erased.map(({ userId }) => userId))
}

/** Due at once; what has a `fault` is kept as failed. A cause that has its message already is skipped. */
export const insertMessages = async (
  trx: Trx,
  messages: readonly (NewMessage & { fault?: string })[],
  now: Date,
) => {
  const result = await trx
    .insertInto('messages')
    .values(
      messages.map(({ fault, mail, ...message }) => ({
        id: newId(),
        cause_id: message.causeId,
        kind: mail.kind,
        user_id: message.userId,
        recipient: message.recipient,
        data: JSON.stringify({ mail, name: message.name }),
        secret: fault === undefined ? message.secret : null,
        state: fault === undefined ? ('queued' as const) : ('failed' as const),
        due_at: fault === undefined ? now : null,
        expires_at: message.expiresAt,
        error: fault ?? null,
        correlation_id: message.correlationId,
        created_at: now,
      })),
    )
    .onDuplicateKeyUpdate({ id: sql`id` })
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0)
}

export const lockDue = async (trx: Trx, { now, limit }: { now: Date; limit: number }) => {
  const due = trx.selectFrom('messages').where('due_at', '<=', now).orderBy('due_at').limit(limit)
  const rows = await due
    .select([
      'id',
      'cause_id as causeId',
      'recipient',
      'data',
      'secret',
      'attempts',
      'expires_at as expiresAt',
      'created_at as createdAt',
      'correlation_id as correlationId',
    ])
    .forUpdate()
    .skipLocked()
    .execute()
  return rows.map(({ data, ...row }) => ({
    ...row,
    ...(parseJson(data) as { mail: Mail; name: string | null }),
  }))
}
export type DueMessage = Awaited<ReturnType<typeof lockDue>>[number]

/** Leases these messages to one worker: if it dies, another finds them due again when the lease ends. */
export const leaseMessages = (
  trx: Trx,
  ids: readonly string[],
  { lease, until }: { lease: string; until: Date },
) =>
  trx
    .updateTable('messages')
    .set({ state: 'sending', lease, due_at: until, attempts: sql`attempts + 1` })
    .where('id', 'in', ids)
    .execute()

const DONE = { due_at: null, lease: null, secret: null } as const

export const markExpired = (trx: Trx, ids: readonly string[]) =>
  trx
    .updateTable('messages')
    .set({ ...DONE, state: 'expired' })
    .where('id', 'in', ids)
    .execute()

/** Whoever holds the lease by now: what was sent was sent. */
export const markSent = (trx: Trx, id: string, now: Date) =>
  trx
    .updateTable('messages')
    .set({ ...DONE, state: 'sent', error: null, sent_at: now })
    .where('id', '=', id)
    .where('state', '!=', 'sent')
    .execute()

/** A failed attempt of whoever still holds the lease. */
interface Failure {
  id: string
  lease: string
  error: string
}

/** Not to be tried again where `until` is absent, else due again then. */
export const recordFailure = (trx: Trx, { id, lease, error }: Failure, until?: Date) => {
  const leased = trx.updateTable('messages').where('id', '=', id).where('lease', '=', lease)
  const next = until
    ? { state: 'queued' as const, lease: null, due_at: until }
    : { ...DONE, state: 'failed' as const }
  return leased.set({ ...next, error: error.slice(0, ERROR_LENGTH) }).execute()
}

/** How many messages were not sent yet, and since when the oldest of them waits. */
export const countWaiting = async (db: Db) => {
  const { waiting, oldest } = await db
    .selectFrom('messages')
    .select((row) => [row.fn.countAll<number>().as('waiting'), row.fn.min('created_at').as('oldest')])
    .where('due_at', 'is not', null)
    .executeTakeFirstOrThrow()
  return { waiting: Number(waiting), oldest: oldest as Date | null }
}
