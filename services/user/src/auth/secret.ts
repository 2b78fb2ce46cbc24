import { createHash, createHmac, randomBytes } from 'node:crypto'

/** 256 random bits: nothing to guess, so a plain hash keeps it safe at rest. */
export const newSecret = () => randomBytes(32).toString('base64url')

/** What the database knows of a secret or an address. */
export const fingerprint = (value: string) => createHash('sha256').update(value).digest('hex')

/** Another secret of 256 bits, the same for the same two: neither the secret nor the salt alone tells anything. */
export const deriveSecret = (secret: string, salt: string) =>
  createHmac('sha256', secret).update(salt).digest('base64url')
