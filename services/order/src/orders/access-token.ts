import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/**
 * A guest's key to one order. Derived and not drawn, so that a repeat of the request that placed the order, whose
 * first answer may have got lost, answers with the same one; at rest there is only its hash.
 */
export const accessTokenFor = (orderId: string, secret: string): string =>
  createHmac('sha256', secret).update(`order-access:${orderId}`).digest('base64url')

export const hashOf = (accessToken: string): string => createHash('sha256').update(accessToken).digest('hex')

/** Whether a token opens what has this hash, in the same time either way. */
export const opens = (accessToken: string, hash: string | null): boolean =>
  hash !== null && timingSafeEqual(Buffer.from(hashOf(accessToken)), Buffer.from(hash))
