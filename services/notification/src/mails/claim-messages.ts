import { afterCommit, newId } from '@storewright/database'
import type { Claim } from '@storewright/runtime/jobs'
import type { Trx } from '../database.ts'
import { mails } from './metrics.ts'
import { leaseMessages, lockDue, markExpired, type DueMessage } from './queries.ts'

export type ClaimedMessage = DueMessage & { lease: string }

/** Claims what is due under a lease. What comes too late for its link to work expires. */
export const claimMessages = async (
  trx: Trx,
  { now, leaseMs, limit }: { now: Date; leaseMs: number; limit: number },
): Promise<Claim<ClaimedMessage>> => {
  const due = await lockDue(trx, { now, limit })
  const isLate = ({ expiresAt }: DueMessage) => expiresAt !== null && expiresAt <= now
  const late = due.filter(isLate)
  const timely = due.filter((message) => !isLate(message))
  const idsOf = (messages: DueMessage[]) => messages.map(({ id }) => id)

  if (late.length > 0) {
    await markExpired(trx, idsOf(late))
    afterCommit(trx, () => {
      for (const { mail } of late) mails.inc({ kind: mail.kind, outcome: 'expired' })
    })
  }
  const lease = newId()
  if (timely.length > 0) {
    await leaseMessages(trx, idsOf(timely), { lease, until: new Date(now.getTime() + leaseMs) })
  }
  return { items: timely.map((message) => ({ ...message, lease })), more: due.length === limit }
}
