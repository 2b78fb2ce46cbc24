import { MAX_AMOUNT, minorDigitsOf } from '@storewright/contracts'

const MAJOR = /^(\d{1,15})(?:\.(\d{1,6}))?$/

/** "12.99" GBP → 1299, exactly; a message where that is no price. No float is involved. */
export const toMinorUnits = (major: string, currency: string): number | { fault: string } => {
  const digits = minorDigitsOf(currency)
  if (digits === undefined) return { fault: `cannot be read: ${currency} is no ISO 4217 currency` }
  const parts = MAJOR.exec(major)
  if (!parts?.[1]) return { fault: 'is not a price in major units with a point, such as 12.99' }
  const decimals = parts[2] ?? ''
  // Zeros too: elsewhere 1.500 is one thousand five hundred.
  if (decimals.length > digits) return { fault: `has more than the ${digits} decimals of ${currency}` }
  const minor = Number(parts[1] + decimals.padEnd(digits, '0'))
  return minor > MAX_AMOUNT ? { fault: 'is too large' } : minor
}

/** 1299 GBP → "12.99". */
export const toMajorUnits = (minor: number, currency: string): string => {
  const digits = minorDigitsOf(currency) ?? 2
  if (digits === 0) return String(minor)
  const padded = String(minor).padStart(digits + 1, '0')
  return `${padded.slice(0, -digits)}.${padded.slice(-digits)}`
}
