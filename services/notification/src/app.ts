import { composeService, type ServiceResources } from '@storewright/service-kit/run'
import type { Config } from './config.ts'
import { userSubscriptions } from './consumers.ts'
import type { Database } from './database.ts'
import { createCaptureSender, mailboxRoutes } from './mailbox/routes.ts'
import { createMailWorker } from './mails/mail-worker.ts'
import { watchWaiting } from './mails/metrics.ts'
import type { Sender } from './mails/mail.ts'
import { createSmtpSender } from './mails/smtp-sender.ts'
import type { Shop } from './mails/templates.ts'
import { personalDataRoutes } from './personal-data/routes.ts'

type Parts = ServiceResources<Database, Config> & {
  clock?: () => Date
  /** Instead of the configured one. */
  sender?: Sender
}

export const buildApp = ({ clock = () => new Date(), ...parts }: Parts) => {
  const { db, config, logger } = parts
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

  const worker = createMailWorker({
    db,
    sender,
    shop,
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
  })
  watchWaiting(db)

  return composeService({
    ...parts,
    // Without access tokens: only other services, and the developer at the mailbox, request anything here.
    registerRoutes: (server) => {
      personalDataRoutes(server, { db, shop, internalToken: config.INTERNAL_TOKEN })
      if (captures) mailboxRoutes(server, { db })
    },
    subscriptions: {
      'notification.user-events': userSubscriptions({ notifyWorker: worker.notify, clock }),
    },
    workers: [worker],
  })
}
