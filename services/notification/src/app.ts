import { createConsumer, createRelay, type Broker } from '@storewright/messaging'
import { createServer, type Logger } from '@storewright/service-kit'
import type { Config } from './config.ts'
import { userSubscriptions } from './consumers.ts'
import type { Db } from './database.ts'
import { createCaptureSender } from './mailbox/capture-sender.ts'
import { mailboxRoutes } from './mailbox/routes.ts'
import { createMailWorker } from './mails/mail-worker.ts'
import { watchWaiting } from './mails/metrics.ts'
import { countWaiting } from './mails/queries.ts'
import type { Sender } from './mails/sender.ts'
import { createSmtpSender } from './mails/smtp-sender.ts'
import type { Shop } from './mails/templates.ts'
import { personalDataRoutes } from './personal-data/routes.ts'
import { pingDatabase } from './queries.ts'
import { createSignals } from './signals.ts'

interface Parts {
  db: Db
  broker: Broker
  config: Config
  logger: Logger
  clock?: () => Date
  /** In the place of the configured one. */
  sender?: Sender
}

/** Wires the service; what it returns is started and stopped by the caller. */
export const buildApp = ({ db, broker, config, logger, clock = () => new Date(), ...parts }: Parts) => {
  const signals = createSignals()
  const shop: Shop = { name: config.SHOP_NAME, storefrontUrl: config.STOREFRONT_URL.replace(/\/+$/, '') }
  const captures = config.SMTP_URL === ''
  const sender =
    parts.sender ??
    (captures
      ? createCaptureSender(db, clock)
      : createSmtpSender({
          url: config.SMTP_URL,
          from: config.MAIL_FROM,
          connections: config.MAIL_CONCURRENCY,
          timeoutMs: config.SMTP_TIMEOUT_MS,
        }))

  // Without access tokens: nothing here is for anybody but other services, and the developer at the mailbox.
  const server = createServer({
    name: 'notification',
    logger,
    ready: {
      database: () => pingDatabase(db),
      // A broker that is away later takes no service out of rotation; it is only told.
      topology: () => {
        if (!broker.topologyDeclared) throw new Error('the topology was not declared yet')
      },
      broker: () => (broker.connected ? 'connected' : 'away'),
    },
  })
  personalDataRoutes(server, { db, shop, internalToken: config.INTERNAL_TOKEN })
  if (captures) mailboxRoutes(server, { db })
  watchWaiting(() => countWaiting(db))

  return {
    server,
    relay: createRelay({ db, broker, service: 'notification', logger }),
    consumers: [
      createConsumer({
        db,
        broker,
        group: 'notification.user-events',
        subscriptions: userSubscriptions({ signals, clock }),
        logger,
      }),
    ],
    workers: [
      createMailWorker({
        db,
        sender,
        shop,
        signals,
        settings: {
          timeoutMs: config.SMTP_TIMEOUT_MS,
          pollMs: config.MAIL_POLL_MS,
          concurrency: config.MAIL_CONCURRENCY,
          retry: {
            firstMs: config.MAIL_RETRY_FIRST_MS,
            maxMs: config.MAIL_RETRY_MAX_MS,
            giveUpMs: config.MAIL_GIVE_UP_SECONDS * 1_000,
          },
        },
        clock,
        logger,
      }),
    ],
  }
}
