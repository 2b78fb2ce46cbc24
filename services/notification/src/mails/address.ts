const ATOM = '[^\\s@<>()\\[\\]\\\\,;:"\\p{Cc}\\p{Cf}\\p{Cs}]+'
const ADDRESS = new RegExp(`^${ATOM}@${ATOM}$`, 'u')

/**
 * Whether this is one address that goes into a header and an SMTP command as it stands: nothing in it ends a line,
 * starts another address, or is quoted. The user service takes a few that are not; nobody can be written to there.
 */
export const isMailable = (address: string): boolean => address.length <= 254 && ADDRESS.test(address)

/** Enough to recognise an address that one knows, too little to learn one. */
export const masked = (address: string): string => {
  const at = address.lastIndexOf('@')
  return at < 1 ? '…' : `${[...address][0] ?? ''}…${address.slice(at)}`
}

const INVISIBLE = /[\p{Cc}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]+/gu
const LIKE_A_LINK = /:\/\/|[/\\@<>]|\p{L}\.\p{L}{2,}/u
const LONGEST_NAME = 60

/**
 * The name to greet somebody by, or null. Anybody can register somebody else's address under any "name": one that
 * reads like an advertisement or a link would make us the sender of it.
 */
export const greetable = (name: string | null): string | null => {
  const text = (name ?? '').replace(INVISIBLE, ' ').replace(/\s+/g, ' ').trim()
  return text === '' || text.length > LONGEST_NAME || LIKE_A_LINK.test(text) ? null : text
}
