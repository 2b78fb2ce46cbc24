import { domainToASCII, domainToUnicode } from 'node:url'
import { Problem } from '@storewright/service-kit/http'

const MAX_BYTES = 254
/** One `@`, a domain with a dot, and no sign that makes a list or a name in a mail's header. Cannot backtrack. */
const EMAIL =
  /^[^\s@"(),:;<>[\]\\\p{Cc}\p{Cf}\p{Cs}]+@[^\s@.\p{Cc}\p{Cf}\p{Cs}]+(?:\.[^\s@.\p{Cc}\p{Cf}\p{Cs}]+)+$/u
/** What would make a domain part of an URL, of which only the beginning were looked at. */
const NO_DOMAIN = /[\s@/?#%:[\]\\\p{Cc}\p{Cf}\p{Cs}]/u

const ONLY_ASCII = /^[\x00-\x7F]*$/

const fold = (text: string) => text.trim().normalize('NFKC').toLowerCase().normalize('NFKC')

// One mailbox must not hold two accounts; letters that only look alike show as `xn--…` in a domain.
/** Trimmed, lower case, NFKC, the domain as mail servers look it up; null where the result is no address. */
export const normaliseEmail = (input: string): string | null => {
  if (Buffer.byteLength(input.trim()) > MAX_BYTES * 2) return null
  const typed = fold(input)
  const at = typed.lastIndexOf('@')
  const domain = typed.slice(at + 1)
  if (at < 0 || NO_DOMAIN.test(domain)) return null
  const email = `${typed.slice(0, at)}@${domainToASCII(domain)}`
  // No mail ever gets there, and the addresses of erased accounts are made of it.
  if (email.endsWith('.invalid')) return null
  // As parts of URLs such domains are IP addresses, `1.2.3` as well as `0x7f.1`.
  if (/\.\d+$/u.test(email)) return null
  return EMAIL.test(email) && Buffer.byteLength(email) <= MAX_BYTES ? email : null
}

/** The address in its normal form; ends the request where it is invalid, naming the field. */
export const parseEmail = (input: string, path = 'email'): string => {
  const email = normaliseEmail(input)
  if (email !== null) return email
  throw new Problem('invalid-request', `The ${path} is not an e-mail address.`, {
    errors: [{ path, message: 'is not an e-mail address' }],
  })
}

/** What normal forms begin with where people write this: `Ann@bücher` finds `ann@xn--bcher-kva.example`, half a label nothing. */
export const normaliseEmailStart = (beginning: string): string => {
  const typed = fold(beginning)
  const at = typed.lastIndexOf('@')
  const domain = typed.slice(at + 1)
  if (at < 0 || ONLY_ASCII.test(domain) || NO_DOMAIN.test(domain)) return typed
  return `${typed.slice(0, at)}@${domainToASCII(domain) || domain}`
}

// Of one script each, as browsers show them: in any other mix a letter may pass for another alphabet's.
const ONE_SCRIPT =
  /^(?:[\p{Script=Latin}\d-]+|[\p{Script=Cyrillic}\d-]+|[\p{Script=Greek}\d-]+|[\p{Script=Arabic}\p{M}\d-]+|[\p{Script=Hebrew}\p{M}\d-]+|[\p{Script=Devanagari}\p{M}\d-]+|[\p{Script=Thai}\d-]+|[\p{Script=Hangul}\p{Script=Han}\d-]+|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\d-]+)$/u

/** A normal form as people write it: the domain in its own letters, unless they could pass for others. */
export const showEmail = (email: string): string => {
  const at = email.lastIndexOf('@')
  const domain = email.slice(at + 1)
  if (!domain.includes('xn--')) return email
  const labels = domain.split('.').map((label) => {
    const shown = label.startsWith('xn--') ? domainToUnicode(label) : label
    return ONE_SCRIPT.test(shown) ? shown : label
  })
  return `${email.slice(0, at)}@${labels.join('.')}`
}
