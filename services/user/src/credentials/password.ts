import { Type } from 'typebox'

export const MIN_PASSWORD_LENGTH = 10
/** bcrypt reads no further; what is longer is refused instead of being cut silently. */
export const MAX_PASSWORD_BYTES = 72

/** One form for what different keyboards send for the same characters. */
export const normalisePassword = (password: string) => password.normalize('NFC')

/** A password that bcrypt would cut or, at a NUL, repeat: another one could then open the account. */
export const exceedsBcrypt = (password: string) =>
  Buffer.byteLength(normalisePassword(password)) > MAX_PASSWORD_BYTES || password.includes('\0')

export const NewPassword = Type.String({
  minLength: MIN_PASSWORD_LENGTH,
  maxLength: MAX_PASSWORD_BYTES,
  description:
    `At least ${MIN_PASSWORD_LENGTH} characters, at most ${MAX_PASSWORD_BYTES} bytes in UTF-8; ` +
    'not one of the common ones, nor made of the e-mail address or the name.',
  examples: ['correct horse battery'],
})

/** A password that is there already: checked and not judged. */
export const CurrentPassword = Type.String({
  minLength: 1,
  maxLength: 1_000,
  examples: ['correct horse battery'],
})

export const MailedToken = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'from the link in the mail',
  examples: ['kq3Z1x0h2Yt8mF5cVb7nA9sLd4GpRwEuJiOoPqXyTzk'],
})
