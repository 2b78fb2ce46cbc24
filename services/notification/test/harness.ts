import {
  EmailChanged,
  EmailVerificationRequested,
  PasswordChanged,
  PasswordResetRequested,
  UserErased,
  type EventContract,
} from '@storewright/contracts'
import { newId } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import { createServiceHarness } from '@storewright/testing/service'
import type { Static } from 'typebox'
import { afterEach, beforeEach, expect } from 'vitest'
import { buildApp } from '../src/app.ts'
import { Config } from '../src/config.ts'
import type { Sender } from '../src/mails/mail.ts'
import { allMigrations } from '../src/migrations.ts'
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
  return {
    ...harness,
    startReplica: async (...options: Parameters<typeof harness.startReplica>) => {
      const replica = await harness.startReplica(...options)
      return { ...replica, work: async () => replica.workers.forEach((worker) => void worker.start()) }
    },
    /** Every message of a person, as the table holds it. */
    messages: (userId: string) => listMessages(db, userId),
    message: async (userId: string) => (await listMessages(db, userId))[0],
  }
}
export type Notification = Awaited<ReturnType<typeof startNotification>>

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
  const stateOf = async (userId: string) => (await current.notification.message(userId))?.state
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
    stateOf,
    /** Waits until the message to this person is in this state. */
    until: (userId: string, wanted: string) =>
      expect.poll(() => stateOf(userId), { timeout: 10_000 }).toBe(wanted),
  }
}
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
