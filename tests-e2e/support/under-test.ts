import type { Login } from '@storewright/ops/config'

/** The shop that the tests run against, as the global set-up found or started it. */
export type ShopUnderTest = {
  gatewayUrl: string
  admin: Login
  /** Read-only rights on every schema; undefined where the shop's owner gave none. */
  auditUrl: string
  prefix: string
  /** With the rights of an administrator; only where the tests started the shop themselves. */
  mysqlUrl?: string
  amqpUrl?: string
  /** Where the shop's mails are captured; only of a development shop. */
  mailboxUrl?: string
}

declare module 'vitest' {
  interface ProvidedContext {
    shop: ShopUnderTest
  }
}

const watched = new Set<string>()

/** From here on every answer of this gateway is compared with the document, for every client in this process. */
export const watchGateway = (url: string) => void watched.add(new URL(url).origin)

export const isWatched = (origin: string) => watched.has(origin)
