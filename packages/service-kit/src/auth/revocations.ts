import { setTimeout as pause } from 'node:timers/promises'
import { ApiKeyRevoked, RolesChanged, SessionRevoked } from '@storewright/contracts'
import { onEveryReplica, type Broadcast } from '@storewright/messaging/subscriptions'
import { Type, type Static } from 'typebox'
import type { Auth } from './guards.ts'
import type { Logger } from '../run/logger.ts'
import type { Step } from '../run/run.ts'
import { compileSchema } from '../schema/validation.ts'

const Text = Type.String({ maxLength: 64 })
const Instant = Type.String({ maxLength: 40 })

/** What is no longer as an access token that is still alive says. The user service answers it to all others. */
export const InForce = Type.Object({
  /** How long an access token lives at most, in seconds: an entry older than that concerns no token any more. */
  tokenTtlSeconds: Type.Integer({ minimum: 1 }),
  sessions: Type.Array(Type.Object({ sessionId: Text, revokedAt: Instant })),
  apiKeys: Type.Array(Type.Object({ apiKeyId: Text, revokedAt: Instant })),
  roles: Type.Array(
    Type.Object({
      userId: Text,
      roles: Type.Array(Text),
      permissions: Type.Array(Text),
      changedAt: Instant,
    }),
  ),
})
export type InForce = Static<typeof InForce>

export interface Revocations {
  /** The token's bearer as of now: with the roles of today, or null where the session or key has ended. */
  current(auth: Auth): Auth | null
  /** To be heard at every replica. */
  readonly subscriptions: readonly Broadcast[]
  /** Reads what is in force; after every (re)connect, for what was said meanwhile. Throws where it cannot. */
  reread(): Promise<void>
  /**
   * Reads before the server listens, so that a restart opens no door that was closed; goes on without after a few
   * seconds. While broadcasts are not heard it asks every second instead.
   */
  keepUp(broadcasts: { readonly listening: boolean }): Step
}

const LEEWAY_MS = 10_000
const START_WAITS_MS = 5_000
const ASKED_EVERY_MS = 1_000
/** Until the first answer says it: the longest life that a token may have. */
const LONGEST_TOKEN_MS = 86_400_000

interface Change {
  roles: string[]
  permissions: string[]
  at: number
}

/** Keeps, at one replica, what has ended or changed since the access tokens in use were given. */
export const createRevocations = ({
  read,
  logger,
}: {
  read: () => Promise<InForce>
  logger: Logger
}): Revocations => {
  let keepMs = LONGEST_TOKEN_MS
  // Sessions and keys in one: a machine's token names its key as its session. Both in order of arrival.
  const ended = new Map<string, number>()
  const changed = new Map<string, Change>()

  const forget = () => {
    const before = Date.now() - keepMs - 2 * LEEWAY_MS
    for (const [id, at] of ended) {
      if (at > before) break
      ended.delete(id)
    }
    for (const [id, { at }] of changed) {
      if (at > before) break
      changed.delete(id)
    }
  }
  const end = (id: string, at: string) => {
    ended.set(id, Date.parse(at))
  }
  const change = ({ userId, roles, permissions, changedAt }: InForce['roles'][number]) => {
    const at = Date.parse(changedAt)
    if ((changed.get(userId)?.at ?? 0) > at) return // two changes came in the wrong order
    changed.delete(userId)
    changed.set(userId, { roles, permissions, at })
  }

  const reread = async () => {
    const inForce = await read()
    keepMs = inForce.tokenTtlSeconds * 1_000
    for (const { sessionId, revokedAt } of inForce.sessions) end(sessionId, revokedAt)
    for (const { apiKeyId, revokedAt } of inForce.apiKeys) end(apiKeyId, revokedAt)
    for (const entry of inForce.roles) change(entry)
    forget()
  }

  const readAtStart = async () => {
    const deadline = Date.now() + START_WAITS_MS
    for (;;) {
      try {
        await reread()
        return
      } catch (error) {
        if (Date.now() >= deadline) {
          logger.error({ err: error }, 'starts without knowing which sessions have ended; asks again')
          return
        }
        await pause(100)
      }
    }
  }

  return {
    current: (auth) => {
      if (ended.has(auth.sessionId)) return null
      const news = changed.get(auth.userId)
      // A token may have been written with what was read before the change, seconds after it, and its time is in whole
      // seconds of another clock. One that is really newer says the same, or what is about to be heard.
      return news && auth.issuedAt * 1_000 <= news.at + LEEWAY_MS
        ? { ...auth, roles: news.roles, permissions: news.permissions }
        : auth
    },
    subscriptions: [
      onEveryReplica(SessionRevoked, ({ data }) => {
        end(data.sessionId, data.revokedAt)
        forget()
      }),
      onEveryReplica(ApiKeyRevoked, ({ data }) => {
        end(data.apiKeyId, data.revokedAt)
        forget()
      }),
      onEveryReplica(RolesChanged, ({ data }) => change(data)),
    ],
    reread,
    keepUp: (broadcasts) => {
      let timer: NodeJS.Timeout | undefined
      let asking = false
      const ask = async () => {
        if (asking || broadcasts.listening) return
        asking = true
        await reread().catch((error: unknown) => {
          logger.warn({ err: error }, 'which sessions have ended could be neither heard nor read; again')
        })
        asking = false
      }
      return {
        name: 'revocations',
        start: async () => {
          await readAtStart()
          timer = setInterval(() => void ask(), ASKED_EVERY_MS)
        },
        stop: () => clearInterval(timer),
      }
    },
  }
}

const checkInForce = compileSchema(InForce, { coerce: false })

/** Reads what is in force from the user service; `userUrl` may list replicas, separated by commas. */
export const revocationsFrom =
  ({ userUrl, internalToken }: { userUrl: string; internalToken: string }) =>
  async (): Promise<InForce> => {
    let failure: unknown
    for (const url of userUrl.split(',')) {
      try {
        const response = await fetch(`${url.trim()}/internal/revocations`, {
          headers: { 'x-internal-token': internalToken },
          signal: AbortSignal.timeout(3_000),
        })
        const body: unknown = await response.json()
        if (response.ok && 'value' in checkInForce(body)) return body as InForce
        failure = new Error(`the user service answered ${response.status}`)
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }
