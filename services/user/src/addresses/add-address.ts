import { newId } from '@storewright/database'
import { parseAddress } from '@storewright/people/address'
import { Problem } from '@storewright/service-kit/http'
import { lockActiveAccount } from '../accounts/accounts.ts'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import type { Trx } from '../database.ts'
import { MAX_ADDRESSES, type NewAddress } from './address.ts'
import { clearDefaults, countAddresses, insertAddress } from './queries.ts'

/** Adds an address to an account; where it is to be a default it takes that from the one before. */
export const addAddress = async (
  trx: Trx,
  { userId, address, origin }: { userId: string; address: NewAddress; origin: Origin },
  now: Date,
): Promise<{ id: string }> => {
  const { isDefaultShipping: shipping = false, isDefaultBilling: billing = false, ...given } = address
  const parts = parseAddress({
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
  return { id }
}
