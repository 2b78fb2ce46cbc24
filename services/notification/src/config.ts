import { dataSettings, internalToken, processSettings } from '@storewright/service-kit/run'
import { Type, type Static } from 'typebox'

export const Config = Type.Object({
  ...processSettings({ port: 3005 }),
  ...dataSettings({ connections: 6, leastConnections: 3 }),
  INTERNAL_TOKEN: internalToken,
  /** The mail server: smtp:// or smtps://. Without it, in development only, mails go to the captured mailbox. */
  SMTP_URL: Type.String({ pattern: '^(smtps?://\\S+)?$', secret: true, devDefault: '' }),
  /** For one delivery as a whole; a message's lease is twice as long. */
  SMTP_TIMEOUT_MS: Type.Integer({ minimum: 100, maximum: 600_000, default: 30_000 }),
  MAIL_FROM: Type.String({
    pattern: '^[^\\r\\n<>@]*<?[^\\s<>@]+@[^\\s<>@]+>?$',
    devDefault: 'Storewright <shop@example.com>',
  }),
  /** As mails name the shop. */
  SHOP_NAME: Type.String({ pattern: '^[^\\r\\n]+$', maxLength: 60, default: 'Storewright' }),
  /** Where links in mails lead; never taken from a request. */
  STOREFRONT_URL: Type.String({ pattern: '^https?://[^\\s?#]+$', devDefault: 'http://localhost:3000' }),
  /** How many mails one replica sends at a time, each on a connection of its own. */
  MAIL_CONCURRENCY: Type.Integer({ minimum: 1, maximum: 100, default: 5 }),
  MAIL_POLL_MS: Type.Integer({ minimum: 50, maximum: 60_000, default: 1_000 }),
  /** After the first failure; each further pause is three times as long, up to the longest. */
  MAIL_RETRY_FIRST_MS: Type.Integer({ minimum: 10, maximum: 3_600_000, default: 5_000 }),
  MAIL_RETRY_MAX_MS: Type.Integer({ minimum: 10, maximum: 86_400_000, default: 900_000 }),
  /** A message that could not be sent for so long has failed. */
  MAIL_GIVE_UP_SECONDS: Type.Integer({ minimum: 1, maximum: 2_592_000, default: 86_400 }),
})
export type Config = Static<typeof Config>
