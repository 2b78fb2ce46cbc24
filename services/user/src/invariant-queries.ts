// What the operators' audit reads of this schema, in one snapshot and with rights to read only.
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
