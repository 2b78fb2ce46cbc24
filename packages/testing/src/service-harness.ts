import { consumerGroups, type Envelope, type EventContract } from '@storewright/contracts'
import { connect, type Db, type Migration } from '@storewright/database'
import { connectBroker, type Broker } from '@storewright/messaging'
import {
  createLogger,
  type BaseConfig,
  inStartOrder,
  loadConfig,
  type Logger,
  type Service,
  type ServiceResources,
} from '@storewright/service-kit/run'
import type { Static, TObject } from 'typebox'
import { scratchVhost, toProperties } from './broker.ts'
import { scratchDatabase } from './database.ts'
import { clearOutbox, countSettled, deliver, emitted } from './events.ts'
import { eventually } from './eventually.ts'
import { testLogLevel } from './servers.ts'
import { startJwks } from './tokens.ts'

export const INTERNAL_TOKEN = 'internal-token-of-this-test'
const NOWHERE = 'http://127.0.0.1:9'

export interface Answer<Body = Record<string, unknown>> {
  status: number
  headers: Record<string, unknown>
  /** Parsed where it is JSON, null otherwise. */
  body: Body
  text: string
}

export interface Call {
  token?: string | undefined
  headers?: Record<string, string>
  /** An object is sent as JSON, a string or buffer as it is. */
  body?: unknown
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

interface ReplicaOptions {
  env?: Record<string, string>
  logger?: Logger
}
/** Parts that a replica starts; the others are there for tests that start them, and stopped with the rest. */
type Part = 'relay' | 'workers' | 'consumers' | 'broadcasts' | 'revocations'

interface RunningReplica<DB, Config> {
  db: Db<DB>
  broker: Broker
  config: Config
  /** From now on it writes nothing any more, as a process that was killed. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** On a machine that is busy with other tests a server may shed load; clients try again. */
const isShed = ({ statusCode, headers }: { statusCode: number; headers: Record<string, unknown> }) =>
  statusCode === 503 && headers['retry-after'] === '5'

interface HarnessOptions<DB, Schema extends BaseConfig, App extends Service, Overrides extends object> {
  name: string
  Config: Schema
  migrations: () => Promise<Record<string, Migration>>
  /** `overrides` are what a test passes to `startReplica`. */
  buildApp: (
    resources: ServiceResources<DB, Static<Schema>> & { clock: () => Date },
    overrides: Partial<Overrides>,
  ) => App | Promise<App>
  /** Settings beside those for database, broker, keys and internal token. */
  env?: Record<string, string>
  /** What each replica starts. Without its relay, what a service emits stays in the outbox, to be read. */
  parts?: readonly Part[]
  poolSize?: number
}

/** A service on a schema, a virtual host and signing keys of its own; each replica has its own pool and connection. */
export const createServiceHarness = async <
  DB,
  Schema extends BaseConfig,
  App extends Service,
  Overrides extends object = object,
>({
  name,
  Config,
  migrations,
  buildApp,
  env = {},
  parts = ['consumers'],
  poolSize = 10,
}: HarnessOptions<DB, Schema, App, Overrides>) => {
  const [scratch, vhost, jwks] = await Promise.all([
    scratchDatabase<DB>(await migrations(), { name, poolSize }),
    scratchVhost(),
    startJwks(),
  ])
  const { db } = scratch
  const configWith = (more: Record<string, string>) =>
    loadConfig(Config, {
      DATABASE_URL: scratch.url,
      AMQP_URL: vhost.url,
      JWKS_URL: jwks.jwksUrl,
      USER_URL: NOWHERE, // these tests decide what was revoked
      INTERNAL_TOKEN,
      ...env,
      ...more,
    })
  const config = configWith({})
  const logger = createLogger({ name, level: testLogLevel() })
  const now = { shiftMs: 0 }
  const clock = () => new Date(Date.now() + now.shiftMs)

  type Replica = App & RunningReplica<DB, Static<Schema>>
  const buildReplica = async ({
    env: more = {},
    ...rest
  }: Partial<Overrides> & ReplicaOptions): Promise<Replica> => {
    const replicaConfig = configWith(more)
    const replicaDb = connect<DB>(scratch.url, { poolSize })
    const broker = connectBroker({ url: vhost.url, name, logger: rest.logger ?? logger })
    const app = await buildApp(
      { name, db: replicaDb, broker, config: replicaConfig, logger: rest.logger ?? logger, clock },
      rest as Partial<Overrides>,
    )
    return {
      ...app,
      db: replicaDb,
      broker,
      config: replicaConfig,
      kill: () => replicaDb.destroy(),
      stop: async () => {
        await (app.stopServer?.() ?? app.server.close())
        for (const part of inStartOrder(app).reverse()) await part.stop?.()
        await broker.stop()
        await replicaDb.destroy()
      },
    }
  }
  const replicas: Replica[] = []

  const startReplica = async (options: Partial<Overrides> & ReplicaOptions = {}): Promise<Replica> => {
    const replica = await buildReplica(options)
    replicas.push(replica)
    await eventually(() => replica.broker.topologyDeclared)
    const chosen = Object.fromEntries(parts.map((part) => [part, replica[part]]))
    for (const part of inStartOrder({ server: replica.server, ...chosen })) await part.start?.()
    await replica.server.ready()
    return replica
  }

  const groupOf = ({ type }: Envelope): string => {
    const group = Object.entries(consumerGroups).find(
      ([key, contracts]) =>
        key.startsWith(`${name}.`) && contracts.some((contract) => contract.type === type),
    )
    if (!group) throw new Error(`${name} does not consume ${type}`)
    return group[0]
  }
  const enqueue = (event: Envelope) =>
    vhost.sendToQueue(groupOf(event), JSON.stringify(event.data), toProperties(event))

  /** Calls a replica, the first one where none is named, without a socket. */
  const send = async <Body = Record<string, unknown>>(
    method: Method,
    url: string,
    { token, headers = {}, body }: Call = {},
    { server }: { server: Service['server'] } = replicas[0]!,
  ): Promise<Answer<Body>> => {
    const response = await eventually(async () => {
      const answer = await server.inject({
        method,
        url,
        headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
        ...(body !== undefined && { payload: body as object }),
      })
      return !isShed(answer) && answer
    })
    const isJson = /^application\/(problem\+)?json/.test(String(response.headers['content-type']))
    return {
      status: response.statusCode,
      headers: response.headers,
      body: (isJson ? JSON.parse(response.body) : null) as Body,
      text: response.body,
    }
  }

  return {
    db,
    vhost,
    jwks,
    config,
    logger,
    internalToken: INTERNAL_TOKEN,
    clock,
    pass: (ms: number) => {
      now.shiftMs += ms
    },
    replicas,
    startReplica,
    send,
    /** Delivers an event and returns once it is settled: `applied` or `dead`. */
    deliver: (event: Envelope) => deliver({ db, vhost, group: groupOf(event) }, event),
    enqueue,
    /** Puts events on their queues as fast as the broker takes them, and returns once all are settled. */
    deliverAll: async (events: readonly Envelope[]) => {
      await Promise.all(events.map(enqueue))
      const ids = events.map(({ id }) => id)
      await eventually(async () => (await countSettled(db, ids)) === ids.length, {
        within: 60_000,
        every: 50,
      })
    },
    /** What the service emitted and no relay has published yet, of one aggregate or of all, oldest first. */
    emitted: async <Data extends TObject>(contract: EventContract<Data>, subject?: string) => {
      const events = await emitted(db, contract)
      return subject === undefined ? events : events.filter((event) => event.subject === subject)
    },
    clearOutbox: () => clearOutbox(db),
    stop: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()))
      await Promise.all([scratch.drop(), vhost.drop(), jwks.stop()])
    },
  }
}
