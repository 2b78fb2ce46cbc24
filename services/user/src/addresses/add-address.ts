import { idempotent, inTransaction, newId } from '@storewright/database'
import { notFound, Problem } from '@storewright/service-kit/http'
import { lockActiveAccount } from '../accounts/accounts.ts'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import type { Db, Trx } from '../database.ts'
import { MAX_ADDRESSES, type NewAddress } from './address.ts'
import { validateAddress } from './country-rules.ts'
import { type AddressRow, clearDefaults, countAddresses, findAddress, insertAddress } from './queries.ts'

export interface AddAddress {
  userId: string
  address: NewAddress
  origin: Origin
}

/** Adds an address to an account; where it is to be a default it takes that from the one before. */
const addAddress = async (
  trx: Trx,
  { userId, address, origin }: AddAddress,
  now: Date,
): Promise<AddressRow> => {
  const { isDefaultShipping: shipping = false, isDefaultBilling: billing = false, ...given } = address
  const parts = validateAddress({
    label: null,
    company: null,
    line2: null,
    region: null,
    phone: null,
    ...given,
  })
  await lockActiveAccount(trx, userId)
  if ((await countAddresses(trx, userId)) >= MAX_ADDRESSES) {
    throw new Problem(
      'conflict',
      `An account has ${MAX_ADDRESSES} addresses at most; remove one that is not needed.`,
    )
  }
  const id = newId()
  const defaults = { shipping, billing }
  await clearDefaults(trx, userId, defaults, now)
  await insertAddress(trx, { id, userId, parts, defaults }, now)
  await recordActivity(trx, { userId, type: 'address-added', origin, details: { addressId: id } }, now)
  const added = await findAddress(trx, userId, id)
  if (!added) throw new Error(`address ${id} vanished`)
  return added
}

/** The same, once per `key`, the client's Idempotency-Key: a repeat finds the address as it is by now. */
export const addOnce = async (
  db: Db,
  command: AddAddress,
  key: string | undefined,
): Promise<{ address: AddressRow; replayed: boolean }> => {
  const { userId, address: body } = command
  if (key === undefined) {
    const address = await inTransaction(db, (trx) => addAddress(trx, command, new Date()))
    return { address, replayed: false }
  }
  return inTransaction(db, async (trx) => {
    const { replayed, resourceId } = await idempotent(
      trx,
      { scope: `addAddress|${userId}`, key, body },
      async () => ({ status: 201, resourceId: (await addAddress(trx, command, new Date())).id }),
    )
    const address = (await findAddress(trx, userId, resourceId)) ?? notFound('address', resourceId)
    return { address, replayed }
  })
}
