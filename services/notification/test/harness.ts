import { createServiceHarness } from '@storewright/testing/service'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { buildApp } from '../src/app.ts'
import { Config } from '../src/config.ts'
import type { Sender } from '../src/mails/mail.ts'
import { allMigrations } from '../src/database.ts'
import { startMailServer } from './mail-server.ts'
import { listMessages } from './rows.ts'

export const STOREFRONT_URL = 'https://shop.example/uk'

/** The service without replicas: each is started by the test, and sends mails once `work` was called. */
export const startNotification = async ({ env = {} }: { env?: Record<string, string> } = {}) => {
  const harness = await createServiceHarness({
    name: 'notification',
    Config,
    migrations: allMigrations,
    buildApp: (resources, overrides: { sender?: Sender }) => buildApp({ ...resources, ...overrides }),
    env: {
      STOREFRONT_URL: `${STOREFRONT_URL}/`,
      MAIL_POLL_MS: '50',
      MAIL_RETRY_FIRST_MS: '50',
      ...env,
    },
    poolSize: 6,
  })
  const { db } = harness
  const startReplica = async (...options: Parameters<typeof harness.startReplica>) => {
    const replica = await harness.startReplica(...options)
    return { ...replica, work: async () => replica.workers.forEach((worker) => void worker.start()) }
  }
  const message = async (userId: string) => (await listMessages(db, userId))[0]
  const stateOf = async (userId: string) => (await message(userId))?.state
  return {
    ...harness,
    startReplica,
    /** A replica that sends mails from the start. */
    startWorkingReplica: async (...options: Parameters<typeof startReplica>) => {
      const replica = await startReplica(...options)
      await replica.work()
      return replica
    },
    /** Every message of a person, as the table holds it. */
    messages: (userId: string) => listMessages(db, userId),
    message,
    stateOf,
    /** Waits until the message to this person is in this state. */
    until: (userId: string, wanted: string) =>
      expect.poll(() => stateOf(userId), { timeout: 10_000 }).toBe(wanted),
  }
}
export type Notification = Awaited<ReturnType<typeof startNotification>>

/** For all tests of a file one service and a replica that sends mails; its settings may be known only at the start. */
export const useNotification = (
  env: () => Promise<Record<string, string>> | Record<string, string> = () => ({}),
) => {
  const notification = {} as Notification
  const replica = {} as Awaited<ReturnType<Notification['startWorkingReplica']>>
  beforeAll(async () => {
    Object.assign(notification, await startNotification({ env: await env() }))
    Object.assign(replica, await notification.startWorkingReplica())
  })
  afterAll(() => notification.stop())
  return { notification, replica }
}

/** The service and a mail server of its own; no replica runs yet. `login` is `user:password`. */
const startWithMailServer = async (env: Record<string, string> = {}, login?: string) => {
  const mailServer = await startMailServer(login === undefined ? {} : { login })
  const notification = await startNotification({
    env: { SMTP_URL: mailServer.url, SMTP_TIMEOUT_MS: '500', ...env },
  })
  return { mailServer, notification }
}

/** For each test of a file its own service and mail server; `restart` replaces them by others with these settings. */
export const useMailServer = () => {
  let current: Awaited<ReturnType<typeof startWithMailServer>>
  const start = async (...options: Parameters<typeof startWithMailServer>) => {
    current = await startWithMailServer(...options)
  }
  const stop = async () => {
    await current.notification.stop()
    await current.mailServer.stop()
  }
  beforeEach(() => start())
  afterEach(stop)
  return {
    get notification() {
      return current.notification
    },
    get mailServer() {
      return current.mailServer
    },
    restart: async (...options: Parameters<typeof startWithMailServer>) => {
      await stop()
      await start(...options)
    },
    until: (userId: string, wanted: string) => current.notification.until(userId, wanted),
  }
}
