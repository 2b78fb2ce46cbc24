import { ping } from '@storewright/database'
import { createBroadcasts, createRelay, type Broker } from '@storewright/messaging'
import { createServer, type Logger, type Step } from '@storewright/service-kit'
import { createRevocations } from '@storewright/service-kit/revocations'
import { ensureAdmin } from './accounts/ensure-admin.ts'
import { accountRoutes } from './accounts/routes.ts'
import { authRoutes } from './auth/routes.ts'
import { createSweeper } from './auth/sweeper.ts'
import type { Config } from './config.ts'
import type { Db } from './database.ts'
import { createTokenSigner } from './keys/access-tokens.ts'
import { loadSigningKey } from './keys/load-signing-key.ts'
import { keyRoutes } from './keys/routes.ts'
import { startPasswords } from './passwords/passwords.ts'
import { readInForce } from './revocations/read-in-force.ts'
import { revocationRoutes } from './revocations/routes.ts'

/** Wires the service on a migrated schema. Replicas may do so at the same time: they agree on key and administrator. */
export const buildApp = async ({
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
  const signingKey = await loadSigningKey(db, config.SIGNING_KEY)
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
  const signAccessToken = createTokenSigner(signingKey, {
    issuer: config.TOKEN_ISSUER,
    audience: config.TOKEN_AUDIENCE,
    ttlSeconds: tokenTtlSeconds,
  })
  authRoutes(server, { db, passwords, signAccessToken, config })
  accountRoutes(server, { db })
  keyRoutes(server, { db })
  revocationRoutes(server, { db, internalToken: config.INTERNAL_TOKEN, tokenTtlSeconds })

  const relay = createRelay({ db, broker, service: 'user', logger })
  const broadcasts = createBroadcasts({
    broker,
    service: 'user',
    subscriptions: revocations.subscriptions,
    onReconnect: revocations.reread,
    logger,
  })
  const workers: Step[] = [
    broadcasts,
    revocations.keepUp(broadcasts),
    { name: 'passwords', stop: () => passwords.stop() },
    { name: 'administrator', start: admin },
    createSweeper({ db, logger, refreshTtlSeconds: config.REFRESH_TOKEN_TTL_SECONDS }),
  ]
  return { server, relay, workers }
}
