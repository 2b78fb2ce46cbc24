import { readConfig, requireSetting } from '@storewright/ops/config'
import type { TestProject } from 'vitest/node'
import { startOwnStack } from './own-stack.ts'

/** Starts one shop for all end-to-end tests; with GATEWAY_URL they run against the shop that is there. */
const setup = async ({ provide }: TestProject) => {
  if (process.env['GATEWAY_URL']) {
    const config = readConfig()
    provide('shop', {
      gatewayUrl: requireSetting(config, 'gatewayUrl'),
      admin: requireSetting(config, 'admin'),
      auditUrl: requireSetting(config, 'auditUrl'),
      prefix: config.prefix,
      ...(config.amqpUrl ? { amqpUrl: config.amqpUrl } : {}),
      ...(process.env['MAILBOX_URL'] ? { mailboxUrl: process.env['MAILBOX_URL'] } : {}),
    })
    return undefined
  }
  const { shop, stack, stop } = await startOwnStack('test/e2e')
  provide('shop', { ...shop, ...(stack.mailboxUrl ? { mailboxUrl: stack.mailboxUrl } : {}) })
  return stop
}
export default setup
