// What the operators' audit reads of this schema, in one snapshot and with rights to read only.
import { secondsAgo } from '@storewright/database'
import { sql } from 'kysely'
import type { Db } from './database.ts'

export type { Db }

/** Invariant 9: an erased account holds no personal data and no open session, and its erasure ends. */
export const accountInvariants = (db: Db, { settled }: { settled: boolean }) => [
  {
    invariant: 9,
    what: 'an erased account holds nothing but its id',
    rows: db.selectFrom('users').select('id').where('status', '=', 'erased'),
    breaches: db
      .selectFrom('users as u')
      .select('u.id')
      .where('u.status', '=', 'erased')
      .where((eb) =>
        eb.or([
          eb('u.email', '<>', sql<string>`concat(${eb.ref('u.id')}, '@erased.invalid')`),
          eb('u.name', 'is not', null),
          eb('u.password_hash', '<>', ''),
          eb('u.email_verified_at', 'is not', null),
          eb('u.pending_email', 'is not', null),
          eb.exists(
            eb
              .selectFrom('sessions as s')
              .select('s.id')
              .whereRef('s.user_id', '=', 'u.id')
              .where((session) =>
                session.or([
                  session('s.revoked_at', 'is', null),
                  session('s.address', 'is not', null),
                  session('s.device', 'is not', null),
                ]),
              ),
          ),
        ]),
      ),
  },
  {
    invariant: 9,
    what: settled ? 'every erasure has ended' : 'every erased account has its erasure',
    rows: db.selectFrom('erasures').select('id'),
    breaches: db
      .selectFrom('users as u')
      .leftJoin('erasures as e', 'e.user_id', 'u.id')
      .select('u.id')
      .where('u.status', '=', 'erased')
      .where((eb) => eb.or([eb('e.id', 'is', null), ...(settled ? [eb('e.completed_at', 'is', null)] : [])])),
  },
]

/** The next page of erased accounts; `pending` names the services without a receipt yet, separated by commas. */
export const listErasedAccounts = (db: Db, { after, limit }: { after: string; limit: number }) =>
  db
    .selectFrom('users as u')
    .leftJoin('erasures as e', 'e.user_id', 'u.id')
    .leftJoin('erasure_receipts as r', (join) =>
      join.onRef('r.erasure_id', '=', 'e.id').on('r.erased_at', 'is', null),
    )
    .select(({ ref }) => ['u.id', sql<string | null>`group_concat(${ref('r.service')})`.as('pending')])
    .where('u.status', '=', 'erased')
    .where('u.id', '>', after)
    .groupBy('u.id')
    .orderBy('u.id')
    .limit(limit)
    .execute()

/** The next page of how to reach account holders, by account; nobody knows it of erased ones. */
export const listContacts = (db: Db, { after, limit }: { after: string; limit: number }) =>
  db
    .selectFrom('users as u')
    .leftJoin('preferences as p', 'p.user_id', 'u.id')
    .select(['u.id', 'u.email', 'u.name', 'p.locale', 'u.tax_exempt as taxExempt'])
    .where('u.id', '>', after)
    .where('u.status', '!=', 'erased')
    .orderBy('u.id')
    .limit(limit)
    .execute()

/** Whether an account changed or was erased in the last seconds, or all are just being stated again. */
export const contactMayChange = async (db: Db, userId: string, seconds: number): Promise<boolean> => {
  const { rows } = await sql<{ yes: number }>`select
    exists (select 1 from activity where user_id = ${userId} and at > ${secondsAgo(seconds)})
    or exists (select 1 from erasures where user_id = ${userId} and requested_at > ${secondsAgo(seconds)})
    or exists (select 1 from rebuilds where name = 'contacts' and finished_at is null) as yes`.execute(db)
  return Number(rows[0]?.yes) === 1
}
