import { setTimeout as pause } from 'node:timers/promises'
import { ApiKeyRevoked, RolesChanged, SessionRevoked } from '@storewright/contracts'
import { onEveryReplica, type FanoutSubscription } from '@storewright/messaging/subscriptions'
import { createInternalClient } from '@storewright/runtime/internal-client'
import { createPeriodicJob } from '@storewright/runtime/jobs'
import { raceAbort } from '@storewright/runtime/timeout'
import { Type, type Static } from 'typebox'
import type { Auth } from './guards.ts'
import type { Logger } from '../run/logger.ts'
import type { Step } from '../run/run.ts'
import { compileSchema } from '../schema/validation.ts'

const Text = Type.String({ maxLength: 64 })
const Instant = Type.String({ maxLength: 40 })

/** What has ended or changed within the life of the access tokens in use, as the user service returns it. */
export const RevocationSnapshot = Type.Object({
  /** The longest life of an access token; older entries concern no token any more. */
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
export type RevocationSnapshot = Static<typeof RevocationSnapshot>

export interface Revocations {
  /** The token's bearer as of now: with the current roles, or null where the session or key has ended. */
  current(auth: Auth): Auth | null
  /** For every replica to receive. */
  readonly subscriptions: readonly FanoutSubscription[]
  /** Reads the snapshot, for what was missed: after every (re)connect. Throws where it cannot. */
  refresh(): Promise<void>
  /**
   * Refreshes before the server listens, so that a restart opens no session that had ended, but starts without after
   * a few seconds; then refreshes every second while broadcasts are not received.
   */
  createSync(broadcasts: { readonly listening: boolean }): Step
}

const LEEWAY_MS = 10_000
const START_TIMEOUT_MS = 5_000
const START_RETRY_MS = 100
const REFRESH_EVERY_MS = 1_000
const READ_TIMEOUT_MS = 3_000
/** Until the first snapshot has the real value: the longest life that a token may have. */
const LONGEST_TOKEN_MS = 86_400_000

interface Change {
  roles: string[]
  permissions: string[]
  at: number
}

/** Keeps, in one replica, what has ended or changed since the access tokens in use were issued. */
export const createRevocations = ({
  read,
  logger,
}: {
  read: () => Promise<RevocationSnapshot>
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
  const changeRoles = ({ userId, roles, permissions, changedAt }: RevocationSnapshot['roles'][number]) => {
    const at = Date.parse(changedAt)
    if ((changed.get(userId)?.at ?? 0) > at) return // two changes arrived in the wrong order
    changed.delete(userId)
    changed.set(userId, { roles, permissions, at })
  }

  const refresh = async () => {
    const { tokenTtlSeconds, sessions, apiKeys, roles } = await read()
    keepMs = tokenTtlSeconds * 1_000
    for (const { sessionId, revokedAt } of sessions) end(sessionId, revokedAt)
    for (const { apiKeyId, revokedAt } of apiKeys) end(apiKeyId, revokedAt)
    for (const entry of roles) changeRoles(entry)
    forget()
  }

  const refreshAtStart = async () => {
    const deadline = Date.now() + START_TIMEOUT_MS
    for (;;) {
      try {
        await refresh()
        return
      } catch (error) {
        if (Date.now() >= deadline) {
          logger.error({ err: error }, 'starts without knowing which sessions have ended; tries again')
          return
        }
        await pause(START_RETRY_MS)
      }
    }
  }

  return {
    current: (auth) => {
      if (ended.has(auth.sessionId)) return null
      const change = changed.get(auth.userId)
      // A token may have been issued from what was read before the change, seconds after it, and its time is in whole
      // seconds of another clock. One that is really newer holds the same, or a change that is about to be received.
      return change && auth.issuedAt * 1_000 <= change.at + LEEWAY_MS
        ? { ...auth, roles: change.roles, permissions: change.permissions }
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
      onEveryReplica(RolesChanged, ({ data }) => changeRoles(data)),
    ],
    refresh,
    createSync: (broadcasts) => {
      const job = createPeriodicJob({
        name: 'revocations',
        intervalMs: REFRESH_EVERY_MS,
        run: async (signal) => {
          if (broadcasts.listening) return
          await raceAbort(refresh(), signal).catch((error: unknown) => {
            if (!signal.aborted)
              logger.warn({ err: error }, 'cannot refresh which sessions have ended; tries again')
          })
        },
        logger,
      })
      const start = async () => {
        await refreshAtStart()
        job.start()
      }
      return { name: job.name, start, stop: job.stop }
    },
  }
}

const checkSnapshot = compileSchema(RevocationSnapshot, { coerce: false })

/** Reads the snapshot from the user service; `userUrl` may list replicas, separated by commas. */
export const revocationsFrom = ({ userUrl, internalToken }: { userUrl: string; internalToken: string }) => {
  const users = createInternalClient({
    service: 'user',
    urls: userUrl,
    token: internalToken,
    timeoutMs: READ_TIMEOUT_MS,
  })
  const accept = (status: number, body: unknown) =>
    status === 200 && 'value' in checkSnapshot(body) ? (body as RevocationSnapshot) : undefined
  return () => users.call({ path: '/internal/revocations', accept })
}
