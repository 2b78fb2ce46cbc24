import { OrderContactSet, type AccountContactChanged, type Envelope } from '@storewright/contracts'
import { causedBy, emitWithCause, type Cause } from '../correlation.ts'
import type { Db, Trx } from '../database.ts'
import { newestPerSubject } from '../offers/apply-events.ts'
import {
  deleteErasedContacts,
  listContactRows,
  lockContacts,
  lockOrdersWithoutEmail,
  setEmails,
  upsertContacts,
  type Contact,
} from './queries.ts'

export { deleteContact, type Contact } from './queries.ts'

/** How to reach account holders and whether they pay tax, by account; in one statement, none where there is nobody. */
export const listContacts = async (
  db: Db | Trx,
  userIds: readonly (string | null)[],
): Promise<ReadonlyMap<string, Contact>> => {
  const ids = [...new Set(userIds.filter((id) => id !== null))]
  const contacts = ids.length > 0 ? await listContactRows(db, ids) : []
  return new Map(contacts.map((contact) => [contact.userId, contact]))
}

export class ContactArrived extends Error {
  override readonly name = 'ContactArrived'
}

/** Asked after orders without an address were inserted: the account's is seen here, or waits for them to be committed. */
export const refuseLateContacts = async (
  trx: Trx,
  userIds: readonly string[],
  { wait }: { wait: boolean },
): Promise<void> => {
  if (userIds.length > 0 && (await lockContacts(trx, userIds, wait)).length > 0)
    throw new ContactArrived('the address of an account arrived while it ordered')
}

export interface Reachable {
  email: string | null
  name: string | null
  /** BCP 47; null is the shop's own. */
  locale: string | null
}

/** Emits whom to write to about an order, where that is known. */
export const emitOrderContact = async (
  trx: Trx,
  cause: Cause,
  orderId: string,
  { email, name, locale }: Reachable,
) => {
  if (email !== null) await emitWithCause(trx, cause, OrderContactSet, { orderId, email, name, locale })
}

/** Whom to write to about an order: the address that it was given, else the account's; in the words of the account. */
export const contactFor = (
  order: { email: string | null; shippingAddress: { name: string } },
  account: Contact | undefined,
): Reachable => ({
  email: order.email ?? account?.email ?? null,
  name: account?.name ?? order.shippingAddress.name,
  locale: account?.locale ?? null,
})

/** More orders of an account that was not known yet are of before there were contacts, and long done. */
const MAX_ORDERS = 1_000

/** Keeps the newest contact of each account, and gives it to those of its orders that have none yet. */
export const applyContacts = async (trx: Trx, events: readonly Envelope<AccountContactChanged>[]) => {
  const newest = newestPerSubject(events)
  const userIds = newest.map(({ data }) => data.userId)
  const known = await listContacts(trx, userIds)
  for (const replays of [false, true]) {
    const contacts = newest
      .filter(({ replay = false }) => replay === replays)
      .map(({ data: { userId, email, name, locale, taxExempt }, aggregateVersion: version }) => ({
        ...{ userId, version, email, name, locale, taxExempt },
      }))
    if (contacts.length > 0) await upsertContacts(trx, contacts, { replays })
  }
  await deleteErasedContacts(trx, userIds)

  const unknown = userIds.filter((userId) => !known.has(userId))
  const orders = unknown.length > 0 ? await lockOrdersWithoutEmail(trx, unknown, MAX_ORDERS) : []
  if (orders.length === 0) return
  const contactOf = await listContacts(trx, userIds)
  await setEmails(
    trx,
    orders.map(({ id }) => id),
  )
  const causeOf = new Map(newest.map((event) => [event.data.userId, causedBy(event)]))
  for (const { id: orderId, userId } of orders) {
    const contact = contactOf.get(userId ?? '')
    const cause = causeOf.get(userId ?? '')
    if (contact && cause) await emitOrderContact(trx, cause, orderId, contact)
  }
}
