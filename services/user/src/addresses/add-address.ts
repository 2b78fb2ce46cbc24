import { newId } from '@storewright/database'
import { Problem } from '@storewright/service-kit'
import type { Origin } from '../activity/activity.ts'
import { insertActivity } from '../activity/queries.ts'
import type { Trx } from '../database.ts'
import { lockAccount } from '../personal-data/lock-account.ts'
import { MOST_ADDRESSES, type AddressRow, type NewAddress } from './address.ts'
import { checkedParts } from './checked-parts.ts'
import { clearDefaults, countAddresses, findAddress, insertAddress } from './queries.ts'

/** Adds an address to an account; where it is to be a default it takes that from the one before. */
export const addAddress = async (
  trx: Trx,
  { userId, address, origin }: { userId: string; address: NewAddress; origin: Origin },
  now: Date,
): Promise<AddressRow> => {
  const { isDefaultShipping: shipping = false, isDefaultBilling: billing = false, ...given } = address
  const parts = checkedParts({
    label: null,
    company: null,
    line2: null,
    region: null,
    phone: null,
    ...given,
  })
  await lockAccount(trx, userId)
  if ((await countAddresses(trx, userId)) >= MOST_ADDRESSES) {
    throw new Problem(
      'conflict',
      `An account has ${MOST_ADDRESSES} addresses at most; remove one that is not needed.`,
    )
  }
  const id = newId()
  const defaults = { shipping, billing }
  await clearDefaults(trx, userId, defaults, now)
  await insertAddress(trx, { id, userId, parts, defaults }, now)
  await insertActivity(trx, { userId, type: 'address-added', origin, details: { addressId: id } }, now)
  const added = await findAddress(trx, userId, id)
  if (!added) throw new Error(`address ${id} vanished`)
  return added
}
