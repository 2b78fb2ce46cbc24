export const MIN_PASSWORD_LENGTH = 10
/** bcrypt reads no further; what is longer is refused instead of being cut silently. */
export const MAX_PASSWORD_BYTES = 72

/** One form for what different keyboards send for the same characters. */
export const normalisePassword = (password: string) => password.normalize('NFC')

/** A password that bcrypt would cut or, at a NUL, repeat: another one could then open the account. */
export const isBeyondBcrypt = (password: string) =>
  Buffer.byteLength(normalisePassword(password)) > MAX_PASSWORD_BYTES || password.includes('\0')
