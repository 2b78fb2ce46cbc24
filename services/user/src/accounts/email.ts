import { domainToASCII } from 'node:url'
import { Problem } from '../problems.ts'

const MAX_BYTES = 254
/** One `@`, a domain with a dot, and no sign that makes a list or a name in a mail's header. Cannot backtrack. */
const EMAIL =
  /^[^\s@"(),:;<>[\]\\\p{Cc}\p{Cf}\p{Cs}]+@[^\s@.\p{Cc}\p{Cf}\p{Cs}]+(?:\.[^\s@.\p{Cc}\p{Cf}\p{Cs}]+)+$/u
/** What would make a domain part of an URL, of which only the beginning were looked at. */
const NO_DOMAIN = /[\s@/?#%:[\]\\\p{Cc}\p{Cf}\p{Cs}]/u

// One mailbox must not hold two accounts; letters that only look alike show as `xn--…` in a domain.
/** Trimmed, lower case, NFKC, the domain as mail servers look it up; null where the result is no address. */
export const normaliseEmail = (input: string): string | null => {
  const text = input.trim()
  if (Buffer.byteLength(text) > MAX_BYTES * 2) return null
  const typed = text.normalize('NFKC').toLowerCase().normalize('NFKC')
  const at = typed.lastIndexOf('@')
  const domain = typed.slice(at + 1)
  if (at < 0 || NO_DOMAIN.test(domain)) return null
  const email = `${typed.slice(0, at)}@${domainToASCII(domain)}`
  // No mail ever gets there, and the addresses of erased accounts are made of it.
  if (email.endsWith('.invalid')) return null
  return EMAIL.test(email) && Buffer.byteLength(email) <= MAX_BYTES ? email : null
}

/** The address in its normal form; ends the request where it is invalid. */
export const parseEmail = (input: string): string => {
  const email = normaliseEmail(input)
  if (email !== null) return email
  throw new Problem('invalid-request', 'The email is not an e-mail address.', {
    errors: [{ path: 'email', message: 'is not an e-mail address' }],
  })
}

export const emailTaken = () =>
  new Problem('email-taken', 'The email has an account already.', {
    errors: [{ path: 'email', message: 'has an account already' }],
  })
