import { withLock } from '@storewright/database'
import type { Component, Logger } from '@storewright/service-kit/run'
import type { Db } from '../database.ts'
import { deleteExpiredKeys, expireOtherKeys, insertKey, listKeys, type StoredKey } from './queries.ts'
import { generateSigningKey, readSigningKey, type SigningKey } from './signing-key.ts'

const DAY_MS = 86_400_000
/** How soon every replica knows of a key that another one made. */
export const KEYS_READ_EVERY_MS = 2_000
export const SIGNING_KEY_LOCK = 'signing-key'

/** What this replica signs with, and knows to sign with later. */
export interface KeyRing {
  /** The key that signs now: of those that may, the one that became active last. */
  current(): SigningKey
  /** True where the environment gives the key, which then is not ours to rotate. */
  readonly given: boolean
  /** Finds or makes the key to sign with; before that `current` throws. */
  open(): Promise<void>
  /** Reads the keys that other replicas made. */
  refresh(): Promise<void>
  readonly component: Component
}

const isOurs = ({ privateJwk, expiresAt }: StoredKey) => privateJwk !== null && expiresAt === null

/** Uses the environment's key, else the stored one, else a new one; locked, since starting replicas must agree. */
const findOrMakeKey = (db: Db, given: SigningKey | undefined, now: Date) =>
  withLock(db, SIGNING_KEY_LOCK, async () => {
    const stored = await listKeys(db, now)
    if (!given && stored.some(isOurs)) return
    const key = given ?? generateSigningKey()
    await insertKey(db, key, { stored: !given, activeFrom: now }, now)
    await expireOtherKeys(db, key.kid, new Date(now.getTime() + DAY_MS))
  })

/** The keys of this schema; throws at once where `signingKey` is not one. Nothing is read until it is opened. */
export const createKeyRing = (
  db: Db,
  { signingKey, logger }: { signingKey: string | undefined; logger: Logger },
  clock = () => new Date(),
): KeyRing => {
  const given = signingKey === undefined ? undefined : readSigningKey(signingKey)
  const parsed = new Map<string, SigningKey>()
  let ours: { key: SigningKey; activeFrom: number }[] = []

  const refresh = async () => {
    if (given) return
    const read = (await listKeys(db, clock())).flatMap(({ kid, privateJwk, activeFrom }) => {
      if (privateJwk === null) return []
      const key = parsed.get(kid) ?? readSigningKey(privateJwk)
      parsed.set(kid, key)
      return [{ key, activeFrom: activeFrom.getTime() }]
    })
    // None can only be a manual change in the database: better to go on with the keys of a moment ago.
    if (read.length > 0) ours = read
  }
  const open = async () => {
    await findOrMakeKey(db, given, clock())
    await refresh()
  }

  let timer: NodeJS.Timeout | undefined
  const refreshSafely = () =>
    refresh().catch((error: unknown) => logger.warn({ err: error }, 'reading the signing keys failed'))

  return {
    given: given !== undefined,
    current: () => {
      if (given) return given
      const now = clock().getTime()
      const active = ours.find(({ activeFrom }) => activeFrom <= now) ?? ours.at(-1)
      if (!active) throw new Error('there is no key to sign with')
      return active.key
    },
    open,
    refresh,
    component: {
      name: 'signing-keys',
      start: async () => {
        await open()
        await deleteExpiredKeys(db, new Date(clock().getTime() - DAY_MS))
        timer = setInterval(() => void refreshSafely(), KEYS_READ_EVERY_MS)
      },
      stop: () => clearInterval(timer),
    },
  }
}
