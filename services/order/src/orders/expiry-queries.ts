import type { Trx } from '../database.ts'

/** Orders past their deadline, locked, the longest overdue first; those that another replica has locked are skipped.
 * An order that is `reserved`, or whose payment is `pending` again, waits for the outcome of its attempt. */
export const lockOverdue = (
  trx: Trx,
  now: Date,
  { limit, except }: { limit: number; except: readonly string[] },
) =>
  trx
    .selectFrom('orders')
    .select('id')
    .where('expires_at', '<=', now)
    .$if(except.length > 0, (query) => query.where('id', 'not in', except))
    .where((eb) =>
      eb.or([
        eb('status', '=', 'pending'),
        eb.and([eb('status', '=', 'awaiting_payment'), eb('payment_status', '!=', 'pending')]),
      ]),
    )
    .orderBy('expires_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
