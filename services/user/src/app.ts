import { ping } from '@storewright/database'
import { createFanoutConsumer, createConsumer, createRelay, type Broker } from '@storewright/messaging'
import { createServer } from '@storewright/service-kit/http'
import type { Logger, Step } from '@storewright/service-kit/run'
import { createRevocations } from '@storewright/service-kit/auth'
import { ensureAdmin } from './accounts/ensure-admin.ts'
import { accountRoutes } from './accounts/routes.ts'
import { activityRoutes } from './activity/routes.ts'
import { addressRoutes } from './addresses/routes.ts'
import { exchangeRoutes } from './api-keys/exchange-routes.ts'
import { apiKeyRoutes } from './api-keys/routes.ts'
import { authRoutes } from './auth/routes.ts'
import { createSweeper } from './auth/sweeper.ts'
import type { Config } from './config.ts'
import type { Db } from './database.ts'
import { createTokenSigner } from './keys/access-tokens.ts'
import { createKeyRing } from './keys/key-ring.ts'
import { rotationRoutes } from './keys/rotation-routes.ts'
import { keyRoutes } from './keys/routes.ts'
import { createForgottenPasswords } from './passwords/forgotten-passwords.ts'
import { startPasswords } from './passwords/passwords.ts'
import { passwordRoutes } from './passwords/routes.ts'
import { notificationSubscriptions, orderSubscriptions } from './personal-data/consumers.ts'
import { erasureRoutes } from './personal-data/erasure-routes.ts'
import { exportRoutes } from './personal-data/export-routes.ts'
import { holdersFrom } from './personal-data/remote-data.ts'
import { preferenceRoutes } from './preferences/routes.ts'
import { profileRoutes } from './profile/routes.ts'
import { readInForce } from './revocations/read-in-force.ts'
import { revocationRoutes } from './revocations/routes.ts'
import { sessionRoutes } from './sessions/routes.ts'

/** Wires the service on a migrated schema. Replicas may do so at the same time: they agree on key and administrator. */
export const buildApp = ({
  db,
  broker,
  config,
  logger,
}: {
  db: Db
  broker: Broker
  config: Config
  logger: Logger
}) => {
  const ring = createKeyRing(db, { signingKey: config.SIGNING_KEY, logger })
  const passwords = startPasswords({
    cost: config.BCRYPT_COST,
    threads: config.PASSWORD_THREADS,
    queue: config.PASSWORD_QUEUE,
  })
  const admin = async () => {
    const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = config
    if (email === undefined || password === undefined) return
    const outcome = await ensureAdmin({ db, passwords }, { email, password })
    if (outcome === 'not-an-admin')
      logger.warn('ADMIN_EMAIL has an account already, which is no administrator')
  }

  const tokenTtlSeconds = config.ACCESS_TOKEN_TTL_SECONDS
  const revocations = createRevocations({ read: () => readInForce(db, { tokenTtlSeconds }), logger })
  const server = createServer({
    name: 'user',
    logger,
    trustProxy: config.TRUSTED_GATEWAYS,
    auth: {
      jwksUrl: config.JWKS_URL,
      issuer: config.TOKEN_ISSUER,
      audience: config.TOKEN_AUDIENCE,
      revocations,
    },
    ready: {
      database: () => ping(db),
      broker: () => {
        if (!broker.topologyDeclared) throw new Error('the topology was not declared yet')
        return broker.connected ? 'connected' : 'away'
      },
    },
  })
  // Whoever answers with tokens must let nobody keep them (RFC 6749, 5.1).
  server.addHook('onRequest', (request, reply, done) => {
    if (request.method === 'POST') void reply.header('cache-control', 'no-store')
    done()
  })
  const sign = createTokenSigner(server.jwt, ring.current, {
    issuer: config.TOKEN_ISSUER,
    audience: config.TOKEN_AUDIENCE,
    ttlSeconds: tokenTtlSeconds,
  })
  const forgotten = createForgottenPasswords({ db, logger })
  authRoutes(server, { db, passwords, signAccessToken: sign.forSession, config })
  passwordRoutes(server, { db, passwords, forgotten })
  profileRoutes(server, { db, passwords })
  sessionRoutes(server, { db })
  activityRoutes(server, { db })
  accountRoutes(server, { db })
  apiKeyRoutes(server, { db })
  exchangeRoutes(server, {
    db,
    signMachineToken: sign.forMachine,
    internalToken: config.INTERNAL_TOKEN,
    tokenTtlSeconds,
  })
  keyRoutes(server, { db })
  rotationRoutes(server, {
    db,
    ring,
    internalToken: config.INTERNAL_TOKEN,
    leadSeconds: config.SIGNING_KEY_LEAD_SECONDS,
    tokenTtlSeconds,
  })
  addressRoutes(server, { db })
  preferenceRoutes(server, { db })
  erasureRoutes(server, { db, passwords })
  exportRoutes(server, {
    db,
    holders: holdersFrom({ order: config.ORDER_URL, notification: config.NOTIFICATION_URL }),
    internalToken: config.INTERNAL_TOKEN,
  })
  revocationRoutes(server, { db, internalToken: config.INTERNAL_TOKEN, tokenTtlSeconds })

  const relay = createRelay({ db, broker, service: 'user', logger })
  const broadcasts = createFanoutConsumer({
    broker,
    service: 'user',
    subscriptions: revocations.subscriptions,
    onReconnect: revocations.refresh,
    logger,
  })
  const workers: Step[] = [
    ring.component,
    createConsumer({ db, broker, group: 'user.order-events', subscriptions: orderSubscriptions, logger }),
    createConsumer({
      db,
      broker,
      group: 'user.notification-events',
      subscriptions: notificationSubscriptions,
      logger,
    }),
    broadcasts,
    revocations.createSync(broadcasts),
    { name: 'passwords', stop: () => passwords.stop() },
    { name: 'administrator', start: admin },
    forgotten.step,
    createSweeper({
      db,
      logger,
      lifetimes: {
        refreshTtlSeconds: config.REFRESH_TOKEN_TTL_SECONDS,
        activityDays: config.ACTIVITY_DAYS,
      },
    }),
  ]
  return { server, relay, workers }
}
