import type { ConsumerGroup } from '@storewright/contracts'
import { ping } from '@storewright/database'
import {
  createFanoutConsumer,
  createConsumer,
  createRebuildWorker,
  createRelay,
  type Broker,
  type FanoutSubscription,
  type Rebuilders,
  type Subscription,
} from '@storewright/messaging'
import type { Kysely } from 'kysely'
import type { Logger } from '../run/logger.ts'
import { createRevocations, type RevocationSnapshot } from '../auth/revocations.ts'
import type { Component } from '../run/run.ts'
import type { Server, ServerOptions } from '../http/server-types.ts'
import { createServer } from '../http/server.ts'

/** Whoever opened these also closes them. */
export interface ServiceResources<DB, Config> {
  name: string
  db: Kysely<DB>
  broker: Broker
  config: Config
  logger: Logger
}

export interface Service {
  server: Server
  /** In place of `server.close()`, for a server that drains first. */
  stopServer?: () => Promise<unknown>
  relay?: Component
  workers?: readonly Component[]
  consumers?: readonly Component[]
  broadcasts?: Component
  revocations?: Component
}

/** Stopped backwards: consumers before the workers that finish their work, the relay last. Revocations before the server. */
export const inStartOrder = ({
  relay,
  workers = [],
  consumers = [],
  broadcasts,
  revocations,
}: Service): Component[] =>
  [relay, ...workers, ...consumers, broadcasts, revocations].filter((component) => component !== undefined)

/** A broker that is unavailable later takes no service out of rotation; it is only reported. */
const brokerChecks = (broker: Broker) => ({
  topology: () => {
    if (!broker.topologyDeclared) throw new Error('the topology was not declared yet')
  },
  broker: () => (broker.connected ? 'connected' : 'away'),
})

/** No I/O before its parts are started. */
export const composeService = <DB, Worker extends Component = Component>({
  name,
  db,
  broker,
  config,
  logger,
  registerRoutes,
  server: serverOptions,
  readRevocations,
  subscriptions = {},
  lingerMs = {},
  broadcasts: ownBroadcasts = [],
  rebuilders,
  workers = [],
}: ServiceResources<DB, { JWKS_URL: string; TOKEN_ISSUER: string; TOKEN_AUDIENCE: string }> & {
  registerRoutes: (server: Server) => void
  server?: Omit<ServerOptions, 'name' | 'logger' | 'auth' | 'ready'>
  /** Without it the server takes no access tokens. */
  readRevocations?: () => Promise<RevocationSnapshot>
  subscriptions?: { [Group in ConsumerGroup]?: readonly Subscription<DB>[] }
  /** How long a group's batch waits for more, in milliseconds: little where somebody waits for the effect. */
  lingerMs?: { [Group in ConsumerGroup]?: number }
  broadcasts?: readonly FanoutSubscription[]
  /** By what `ops rebuild` calls them: the state that others keep copies of. */
  rebuilders?: Rebuilders<DB>
  workers?: readonly Worker[]
}) => {
  const revocations = readRevocations && createRevocations({ read: readRevocations, logger })
  const server = createServer({
    name,
    logger,
    ...(revocations && {
      auth: {
        jwksUrl: config.JWKS_URL,
        issuer: config.TOKEN_ISSUER,
        audience: config.TOKEN_AUDIENCE,
        revocations,
      },
    }),
    ready: { database: () => ping(db), ...brokerChecks(broker) },
    ...serverOptions,
  })
  registerRoutes(server)

  const received = [...ownBroadcasts, ...(revocations?.subscriptions ?? [])]
  const broadcasts =
    received.length === 0
      ? undefined
      : createFanoutConsumer({
          broker,
          service: name,
          subscriptions: received,
          ...(revocations && { onReconnect: revocations.refresh }),
          logger,
        })
  const groups = Object.entries(subscriptions) as [ConsumerGroup, readonly Subscription<DB>[]][]
  const consumers = groups.map(([group, handlers]) =>
    createConsumer({ db, broker, group, subscriptions: handlers, logger, lingerMs: lingerMs[group] ?? 0 }),
  )
  return {
    server,
    relay: createRelay({ db, broker, service: name, logger }),
    workers: [...workers, ...(rebuilders ? [createRebuildWorker({ db, broker, rebuilders, logger })] : [])],
    consumers,
    ...(broadcasts && { broadcasts }),
    ...(broadcasts && revocations && { revocations: revocations.createSync(broadcasts) }),
  } satisfies Service
}
