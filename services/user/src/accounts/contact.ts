import { AccountContactChanged } from '@storewright/contracts'
import { parseJson } from '@storewright/database'
import type { Rebuilder } from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import type { Database, Trx } from '../database.ts'
import { listContacts, lockAccountsAfter } from './queries.ts'

const emitContacts = async (trx: Trx, userIds: readonly string[], now: Date, replay: boolean) => {
  for (const row of await listContacts(trx, userIds)) {
    const { emailVerifiedAt, marketingConsent, trackingConsent, channels, taxExempt, ...contact } = row
    const state = {
      ...contact,
      emailVerified: emailVerifiedAt !== null,
      marketingConsent: marketingConsent === 1,
      trackingConsent: trackingConsent === 1,
      channels: parseJson((channels ?? ['email']) as string[] | string),
      taxExempt: taxExempt === 1,
      changedAt: now.toISOString(),
    }
    await emit(trx, AccountContactChanged, state, { replay })
  }
}

/** Emits how to reach the owner of a locked account, as it is at this point of the transaction. */
export const emitContactChanged = (trx: Trx, userId: string, now: Date) =>
  emitContacts(trx, [userId], now, false)

/** `ops rebuild contacts`: of every account that is not erased. */
export const contactRebuilder: Rebuilder<Database> = {
  event: AccountContactChanged,
  emitPage: async (trx, page) => {
    const ids = (await lockAccountsAfter(trx, page)).map(({ id }) => id)
    if (ids.length > 0) await emitContacts(trx, ids, new Date(), true)
    return ids
  },
}
