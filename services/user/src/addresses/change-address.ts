import { parseAddress } from '@storewright/people/address'
import { notFound } from '@storewright/service-kit/http'
import { lockActiveAccount } from '../accounts/accounts.ts'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import type { Trx } from '../database.ts'
import type { AddressPatch } from './address.ts'
import { type AddressRow, clearDefaults, findAddress, updateAddress } from './queries.ts'

/** Changes parts of an address; `check` refuses an edit of another version. */
export const changeAddress = async (
  trx: Trx,
  {
    userId,
    id,
    change,
    origin,
    check,
  }: { userId: string; id: string; change: AddressPatch; origin: Origin; check: (version: number) => void },
  now: Date,
): Promise<AddressRow> => {
  await lockActiveAccount(trx, userId)
  const before = (await findAddress(trx, userId, id)) ?? notFound('address', id)
  check(before.version)
  const { isDefaultShipping, isDefaultBilling, ...changes } = change
  const { label, name, company, line1, line2, city, region, postalCode, country, phone } = before
  const parts = parseAddress({
    ...{ label, name, company, line1, line2, city, region, postalCode, country, phone },
    ...changes,
  })
  const defaults = {
    shipping: isDefaultShipping ?? before.defaultShippingOf !== null,
    billing: isDefaultBilling ?? before.defaultBillingOf !== null,
  }
  // Only where it becomes one: its own must not count as another change.
  const taken = {
    shipping: defaults.shipping && before.defaultShippingOf === null,
    billing: defaults.billing && before.defaultBillingOf === null,
  }
  await clearDefaults(trx, userId, taken, now)
  await updateAddress(trx, { id, userId, parts, defaults }, now)
  await recordActivity(trx, { userId, type: 'address-changed', origin, details: { addressId: id } }, now)
  return (await findAddress(trx, userId, id)) ?? notFound('address', id)
}
