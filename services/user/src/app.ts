import { composeService, type ServiceResources, type Component } from '@storewright/service-kit/run'
import { contactRebuilder } from './accounts/contact.ts'
import { activityRoutes } from './audit-log/routes.ts'
import { orderActivitySubscriptions } from './audit-log/record-orders.ts'
import { addressRoutes } from './addresses/routes.ts'
import { exchangeRoutes } from './api-keys/exchange-routes.ts'
import { apiKeyRoutes } from './api-keys/routes.ts'
import { ensureAdmin } from './auth/ensure-admin.ts'
import { authRoutes } from './auth/routes.ts'
import type { Config } from './config.ts'
import { createPasswords } from './credentials/passwords.ts'
import type { Database } from './database.ts'
import { createTokenSigner } from './keys/access-tokens.ts'
import { createKeyRing } from './keys/key-ring.ts'
import { rotationRoutes } from './keys/rotation-routes.ts'
import { keyRoutes } from './keys/routes.ts'
import { createPasswordResetQueue } from './passwords/password-reset-queue.ts'
import { passwordRoutes } from './passwords/routes.ts'
import {
  notificationReceiptSubscriptions,
  orderReceiptSubscriptions,
} from './personal-data/erasure-receipts.ts'
import { erasureRoutes } from './personal-data/erasure-routes.ts'
import { dataSourcesFrom } from './personal-data/data-sources.ts'
import { exportRoutes } from './personal-data/export-routes.ts'
import { preferenceRoutes } from './preferences/routes.ts'
import { profileRoutes } from './profile/routes.ts'
import { readRevocations, revocationRoutes } from './revocations/revocations.ts'
import { sessionRoutes } from './sessions/routes.ts'
import { createSweeper } from './sweeper.ts'
import { userRoutes } from './users/routes.ts'

/** Wires the service; replicas that start at the same time agree on the signing key and the first administrator. */
export const buildApp = (resources: ServiceResources<Database, Config>) => {
  const { db, config, logger } = resources
  const ring = createKeyRing(db, { signingKey: config.SIGNING_KEY, logger })
  const passwords = createPasswords({
    cost: config.BCRYPT_COST,
    threads: config.PASSWORD_THREADS,
    queue: config.PASSWORD_QUEUE,
  })
  const resetQueue = createPasswordResetQueue({ db, logger })
  const tokenTtlSeconds = config.ACCESS_TOKEN_TTL_SECONDS
  const internal = { db, internalToken: config.INTERNAL_TOKEN, tokenTtlSeconds }
  const dataSources = dataSourcesFrom(
    { order: config.ORDER_URL, notification: config.NOTIFICATION_URL },
    internal,
  )

  const workers: Component[] = [
    ring.component,
    passwords.component,
    { name: 'administrator', start: () => ensureAdmin({ db, passwords, logger }, config) },
    resetQueue.component,
    createSweeper({
      db,
      logger,
      lifetimes: {
        refreshTtlSeconds: config.REFRESH_TOKEN_TTL_SECONDS,
        activityDays: config.ACTIVITY_DAYS,
      },
    }),
  ]

  return composeService({
    ...resources,
    registerRoutes: (server) => {
      // Responses with tokens must not be stored (RFC 6749, 5.1).
      server.addHook('onRequest', (request, reply, done) => {
        if (request.method === 'POST') void reply.header('cache-control', 'no-store')
        done()
      })
      const sign = createTokenSigner(server.jwt, ring.current, {
        issuer: config.TOKEN_ISSUER,
        audience: config.TOKEN_AUDIENCE,
        ttlSeconds: tokenTtlSeconds,
      })
      authRoutes(server, { db, passwords, signAccessToken: sign.forSession, config })
      passwordRoutes(server, { db, passwords, resetQueue })
      profileRoutes(server, { db, passwords })
      sessionRoutes(server, { db })
      activityRoutes(server, { db })
      userRoutes(server, { db })
      apiKeyRoutes(server, { db })
      exchangeRoutes(server, { ...internal, signMachineToken: sign.forMachine })
      keyRoutes(server, { db })
      rotationRoutes(server, { ...internal, ring, leadSeconds: config.SIGNING_KEY_LEAD_SECONDS })
      addressRoutes(server, { db })
      preferenceRoutes(server, { db })
      erasureRoutes(server, { db, passwords })
      exportRoutes(server, { db, dataSources })
      server.addHook('onClose', () => Promise.all(dataSources.map(({ client }) => client.close())))
      revocationRoutes(server, internal)
    },
    server: { trustProxy: config.TRUSTED_GATEWAYS },
    readRevocations: () => readRevocations(db, { tokenTtlSeconds }),
    subscriptions: {
      'user.order-events': [...orderActivitySubscriptions, ...orderReceiptSubscriptions],
      'user.notification-events': notificationReceiptSubscriptions,
    },
    lingerMs: { 'user.order-events': 250 },
    rebuilders: { contacts: contactRebuilder },
    workers,
  })
}
