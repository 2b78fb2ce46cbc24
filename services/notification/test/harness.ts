import type { Envelope } from '@storewright/contracts'
import {
  EmailChanged,
  EmailVerificationRequested,
  PasswordChanged,
  PasswordResetRequested,
  UserErased,
} from '@storewright/contracts'
import { connect, newId } from '@storewright/database'
import { connectBroker } from '@storewright/messaging'
import { createLogger, loadConfig } from '@storewright/service-kit/run'
import {
  anEvent,
  deliver,
  emitted,
  eventually,
  scratchDatabase,
  scratchVhost,
  toProperties,
} from '@storewright/testing'
import type { EventContract } from '@storewright/contracts'
import type { Static, TObject } from 'typebox'
import { buildApp } from '../src/app.ts'
import { Config } from '../src/config.ts'
import type { Database } from '../src/database.ts'
import type { Sender } from '../src/mails/sender.ts'
import { allMigrations } from '../src/migrations.ts'
import { countSettled, listMessages } from './rows.ts'

const GROUP = 'notification.user-events'
const INTERNAL_TOKEN = 'internal-token-of-this-test'
const logger = createLogger({ name: 'notification', level: process.env['TEST_LOG_LEVEL'] ?? 'silent' })

export const STOREFRONT_URL = 'https://shop.example/uk'

interface ReplicaOptions {
  sender?: Sender
  config?: Config
  logger?: typeof logger
}

/**
 * The service on a real database and a real broker, without its relay: what it says stays in the outbox, to be
 * read. Replicas are started one by one; their workers send only once `work` was called.
 */
export const startNotification = async ({ env = {} }: { env?: Record<string, string> } = {}) => {
  const [scratch, vhost] = await Promise.all([
    scratchDatabase<Database>(await allMigrations(), { name: 'notification', poolSize: 5 }),
    scratchVhost(),
  ])
  const { db } = scratch
  const config = loadConfig(Config, {
    DATABASE_URL: scratch.url,
    AMQP_URL: vhost.url,
    JWKS_URL: 'http://127.0.0.1:9',
    INTERNAL_TOKEN,
    STOREFRONT_URL: `${STOREFRONT_URL}/`,
    MAIL_POLL_MS: '50',
    MAIL_RETRY_FIRST_MS: '50',
    ...env,
  })
  const now = { shiftMs: 0 }
  const clock = () => new Date(Date.now() + now.shiftMs)

  const stops: (() => Promise<void>)[] = []
  const startReplica = async (options: ReplicaOptions = {}) => {
    const replicaDb = connect<Database>(scratch.url, { poolSize: 6 })
    const broker = connectBroker({ url: vhost.url, name: 'notification', logger })
    const app = buildApp({ name: 'notification', db: replicaDb, broker, config, logger, clock, ...options })
    await eventually(() => broker.topologyDeclared)
    for (const consumer of app.consumers) await consumer.start()
    stops.push(async () => {
      await app.server.close()
      await Promise.all([...app.consumers, ...app.workers].map((part) => part.stop()))
      await broker.stop()
      await replicaDb.destroy()
    })
    return {
      ...app,
      work: () => Promise.all(app.workers.map((worker) => worker.start())),
      /** From now on it notes nothing any more, as a process that was killed. */
      die: () => replicaDb.destroy(),
    }
  }

  return {
    db,
    config,
    logger,
    internalToken: INTERNAL_TOKEN,
    startReplica,
    /** Moves the service's clock. */
    pass: (ms: number) => {
      now.shiftMs += ms
    },
    /** Delivers an event and waits until it is settled: `applied`, `dead`. */
    deliver: (event: Envelope) => deliver({ db, vhost, group: GROUP }, event),
    /** Delivers events as fast as the broker takes them, and waits for all. */
    deliverAll: async (events: Envelope[]) => {
      await Promise.all(
        events.map((event) => vhost.sendToQueue(GROUP, JSON.stringify(event.data), toProperties(event))),
      )
      const ids = events.map(({ id }) => id)
      await eventually(async () => (await countSettled(db, ids)) === ids.length, {
        within: 60_000,
        every: 50,
      })
    },
    emitted: <Data extends TObject>(contract: EventContract<Data>): Promise<{ data: Static<Data> }[]> =>
      emitted(db, contract),
    /** Every message of a person, as the table holds it. */
    messages: (userId: string) => listMessages(db, userId),
    message: async (userId: string) => (await listMessages(db, userId))[0],
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()))
      await Promise.all([scratch.drop(), vhost.drop()])
    },
  }
}
export type Notification = Awaited<ReturnType<typeof startNotification>>

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()
const person = () => {
  const userId = newId()
  return { userId, email: `u-${userId}@example.com`, name: 'Ada Lovelace' }
}

type Over<Contract extends EventContract> = Partial<Static<Contract['data']>>

/** A token as the user service makes them, with characters that a URL has to escape. */
export const newToken = () => `tok+/=${newId()}`

export const verificationRequested = (over: Over<typeof EmailVerificationRequested> = {}) =>
  anEvent(EmailVerificationRequested, {
    ...person(),
    purpose: 'registration',
    token: newToken(),
    expiresAt: inMinutes(60),
    ...over,
  })

export const resetRequested = (over: Over<typeof PasswordResetRequested> = {}) =>
  anEvent(PasswordResetRequested, { ...person(), token: newToken(), expiresAt: inMinutes(30), ...over })

export const passwordChanged = (over: Over<typeof PasswordChanged> = {}) =>
  anEvent(PasswordChanged, { ...person(), by: 'change', changedAt: inMinutes(0), ...over })

export const emailChanged = (over: Over<typeof EmailChanged> = {}) =>
  anEvent(EmailChanged, {
    ...person(),
    previousEmail: `old-${newId()}@example.com`,
    changedAt: inMinutes(0),
    ...over,
  })

export const userErased = (userId: string) =>
  anEvent(UserErased, { userId, erasureId: newId(), erasedAt: inMinutes(0) })
