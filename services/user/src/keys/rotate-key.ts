import { withLock } from '@storewright/database'
import { Problem } from '@storewright/service-kit/http'
import type { Db } from '../database.ts'
import { KEYS_READ_EVERY_MS, SIGNING_KEY_LOCK, type KeyRing } from './key-ring.ts'
import { activateKey, expireOtherKeys, insertKey, listKeys } from './queries.ts'
import { generateSigningKey } from './signing-key.ts'

/** Until every replica of ours has read of the key, twice over, so that all begin to sign with it at once. */
const SOONEST_MS = 2 * KEYS_READ_EVERY_MS
/** Clocks differ, and a verifier may allow an expired token some seconds. */
const SLACK_MS = 60_000

export interface Rotation {
  /** False where a rotation was under way already, and this is it. */
  made: boolean
  kid: string
  activeFrom: Date
}

// `now` skips the wait for verifiers that keep the published keys for minutes; ours refresh when they meet a new one.
/** Publishes a new key, which signs once all services have fetched it; of concurrent rotations the first makes the key. */
export const rotateKey = (
  { db, ring }: { db: Db; ring: KeyRing },
  { now: soon, leadSeconds, tokenTtlSeconds }: { now: boolean; leadSeconds: number; tokenTtlSeconds: number },
  at = new Date(),
): Promise<Rotation> =>
  withLock(db, SIGNING_KEY_LOCK, async () => {
    if (ring.given) {
      throw new Problem(
        'conflict',
        'SIGNING_KEY gives the key: start the replicas with another one, and the old one stays published for a day.',
      )
    }
    const activeFrom = new Date(
      at.getTime() + (soon ? SOONEST_MS : Math.max(SOONEST_MS, leadSeconds * 1_000)),
    )
    const expiry = (from: Date) => new Date(from.getTime() + tokenTtlSeconds * 1_000 + SLACK_MS)

    const pending = (await listKeys(db, at)).find(
      (key) => key.privateJwk !== null && key.expiresAt === null && key.activeFrom > at,
    )
    if (pending) {
      if (soon) await activateKey(db, pending.kid, activeFrom)
      await ring.refresh()
      const from = soon && activeFrom < pending.activeFrom ? activeFrom : pending.activeFrom
      return { made: false, kid: pending.kid, activeFrom: from }
    }
    const key = generateSigningKey()
    await insertKey(db, key, { stored: true, activeFrom }, at)
    await expireOtherKeys(db, key.kid, expiry(activeFrom))
    await ring.refresh()
    return { made: true, kid: key.kid, activeFrom }
  })
