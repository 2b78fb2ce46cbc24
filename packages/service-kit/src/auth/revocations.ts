import { setTimeout as pause } from 'node:timers/promises'
import { ApiKeyRevoked, RolesChanged, SessionRevoked } from '@storewright/contracts'
import { onEveryReplica, type FanoutSubscription } from '@storewright/messaging/subscriptions'
import { createInternalClient } from '@storewright/runtime/internal-client'
import { createPeriodicJob } from '@storewright/runtime/jobs'
import { raceAbort } from '@storewright/runtime/timeout'
import { Type, type Static } from 'typebox'
import type { Auth } from './guards.ts'
import type { Logger } from '../run/logger.ts'
import type { Component } from '../run/run.ts'
import { compileSchema } from '../schema/validation.ts'

const Text = Type.String({ maxLength: 64 })
const Instant = Type.String({ maxLength: 40 })

/** As the user service returns it, for the life of the access tokens in use. */
export const RevocationSnapshot = Type.Object({
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
  /** With the current roles, or null where the session or key has ended. */
  current(auth: Auth): Auth | null
  readonly subscriptions: readonly FanoutSubscription[]
  /** For what was missed; throws where it cannot. */
  refresh(): Promise<void>
  /** Refreshes before the server listens, for a few seconds at most, and every second while broadcasts are not received. */
  createSync(broadcasts: { readonly listening: boolean }): Component
}

const LEEWAY_MS = 10_000
const START_TIMEOUT_MS = 5_000
const START_RETRY_MS = 100
const REFRESH_EVERY_MS = 1_000
const READ_TIMEOUT_MS = 3_000
/** Until the first snapshot: the longest life that a token may have. */
const LONGEST_TOKEN_MS = 86_400_000

interface Change {
  roles: string[]
  permissions: string[]
  at: number
}

export const createRevocations = ({
  read,
  logger,
}: {
  read: () => Promise<RevocationSnapshot>
  logger: Logger
}): Revocations => {
  let keepMs = LONGEST_TOKEN_MS
  // Sessions and keys in one, in order of arrival: a machine's token names its key as its session.
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
      // A token may be issued seconds after the change from what was read before, by another clock in whole seconds.
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
