import { createHash, createHmac, randomBytes } from 'node:crypto'

/** 256 random bits: nothing to guess, so a plain hash keeps it safe at rest. */
export const newSecret = () => randomBytes(32).toString('base64url')

/** The only form in which the database holds a secret, or an address that it must not reveal. */
export const hashSecret = (value: string) => createHash('sha256').update(value).digest('hex')

/** Another secret of 256 bits, the same for the same two; it cannot be derived from either alone. */
export const deriveSecret = (secret: string, salt: string) =>
  createHmac('sha256', secret).update(salt).digest('base64url')
