const ATOM = '[^\\s@<>()\\[\\]\\\\,;:"\\p{Cc}\\p{Cf}\\p{Cs}]+'
const ADDRESS = new RegExp(`^${ATOM}@${ATOM}$`, 'u')

/** Whether this is one address that may stand in a header and an SMTP command as it is: nothing ends a line, starts
 * another address or is quoted. The user service accepts a few that are not; they get no mail. */
export const isMailable = (address: string): boolean => address.length <= 254 && ADDRESS.test(address)

/** Enough to recognise a known address, too little to learn one. */
export const maskAddress = (address: string): string => {
  const at = address.lastIndexOf('@')
  return at < 1 ? '…' : `${[...address][0] ?? ''}…${address.slice(at)}`
}

const INVISIBLE = /[\p{Cc}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]+/gu
const LIKE_A_LINK = /:\/\/|[/\\@<>]|\p{L}\.\p{L}{2,}/u
const MAX_NAME = 60

/** The name to greet a person by, or null. Anybody can register another person's address under any "name": one that
 * reads like an advertisement or a link would make us its sender. */
export const safeDisplayName = (name: string | null): string | null => {
  const text = (name ?? '').replace(INVISIBLE, ' ').replace(/\s+/g, ' ').trim()
  return text === '' || text.length > MAX_NAME || LIKE_A_LINK.test(text) ? null : text
}
