import { sql } from 'kysely'
import { newId, parseJson } from '@storewright/database'
import type { Db, Trx } from '../database.ts'
import type { Mail, NewMessage } from './mail.ts'

/** How much of an error is kept. */
const ERROR_LENGTH = 300

/**
 * Locks these people's rows, adding the missing ones, and returns who of them was erased. In key order, so that
 * batches that share people queue up instead of deadlocking.
 */
export const lockRecipients = async (trx: Trx, userIds: readonly string[]): Promise<Set<string>> => {
  const sorted = [...new Set(userIds)].sort()
  await trx
    .insertInto('recipients')
    .values(sorted.map((userId) => ({ user_id: userId })))
    .onDuplicateKeyUpdate({ user_id: sql`user_id` })
    .execute()
  const erased = await trx
    .selectFrom('recipients')
    .select('user_id as userId')
    .where('user_id', 'in', sorted)
    .where('erased_at', 'is not', null)
    .execute()
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

/** Locks what is due, except what another transaction has locked. */
export const lockDue = async (trx: Trx, { now, limit }: { now: Date; limit: number }) => {
  const rows = await trx
    .selectFrom('messages')
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
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(limit)
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

/** Their links no longer work. */
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

/** Not to be tried again. */
export const markFailed = (trx: Trx, { id, lease, error }: { id: string; lease: string; error: string }) =>
  trx
    .updateTable('messages')
    .set({ ...DONE, state: 'failed', error: error.slice(0, ERROR_LENGTH) })
    .where('id', '=', id)
    .where('lease', '=', lease)
    .execute()

/** To be tried again later. */
export const deferMessage = (
  trx: Trx,
  { id, lease, error, until }: { id: string; lease: string; error: string; until: Date },
) =>
  trx
    .updateTable('messages')
    .set({ state: 'queued', lease: null, due_at: until, error: error.slice(0, ERROR_LENGTH) })
    .where('id', '=', id)
    .where('lease', '=', lease)
    .execute()

/** How many messages were not sent yet, and since when the oldest of them waits. */
export const countWaiting = async (db: Db) => {
  const { waiting, oldest } = await db
    .selectFrom('messages')
    .select((row) => [row.fn.countAll<number>().as('waiting'), row.fn.min('created_at').as('oldest')])
    .where('due_at', 'is not', null)
    .executeTakeFirstOrThrow()
  return { waiting: Number(waiting), oldest: oldest as Date | null }
}
