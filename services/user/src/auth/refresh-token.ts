import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits: nothing to guess, so a plain hash keeps it safe at rest. */
export const newRefreshToken = () => randomBytes(32).toString('base64url')

/** What the database knows of a secret or an address. */
export const fingerprint = (value: string) => createHash('sha256').update(value).digest('hex')
