import { Problem } from '@storewright/service-kit/http'
import type { AddressParts } from './address.ts'
import { findFaults, normalisePostalCode } from './country-rules.ts'

/** The parts as they are kept, if they make an address of their country. */
export const checkedParts = (given: AddressParts): AddressParts => {
  const trimmed = (text: string | null) => text && text.trim()
  const parts = {
    label: trimmed(given.label),
    name: given.name.trim(),
    company: trimmed(given.company),
    line1: given.line1.trim(),
    line2: trimmed(given.line2),
    city: given.city.trim(),
    region: trimmed(given.region),
    postalCode: normalisePostalCode(given.postalCode),
    country: given.country,
    phone: trimmed(given.phone),
  }
  const errors = findFaults(parts)
  if (errors.length > 0) {
    const [first] = errors
    throw new Problem('unprocessable', `This is no address: ${first?.path} ${first?.message}.`, { errors })
  }
  return parts
}
