const MAX_BYTES = 254
/** One `@`, a domain with a dot; more than that only a mail can tell. Cannot backtrack. */
const EMAIL = /^[^\s@\p{Cc}\p{Cs}]+@[^\s@.\p{Cc}\p{Cs}]+(?:\.[^\s@.\p{Cc}\p{Cs}]+)+$/u

/** Trimmed, NFC, lower case; null where the result is no address. One mailbox must not hold two accounts. */
export const normaliseEmail = (input: string): string | null => {
  const email = input.trim().normalize('NFC').toLowerCase()
  return EMAIL.test(email) && Buffer.byteLength(email) <= MAX_BYTES ? email : null
}
