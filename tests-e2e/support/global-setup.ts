import { readSurroundings, need } from '@storewright/ops'
import type { TestProject } from 'vitest/node'
import { startOwnStack } from './own-stack.ts'

/** Starts one shop for all end-to-end tests; with GATEWAY_URL they run against the shop that is there. */
const setup = async ({ provide }: TestProject) => {
  if (process.env['GATEWAY_URL']) {
    const surroundings = readSurroundings()
    provide('shop', {
      gatewayUrl: need(surroundings, 'gatewayUrl'),
      admin: need(surroundings, 'admin'),
      auditUrl: need(surroundings, 'auditUrl'),
      prefix: surroundings.prefix,
      ...(surroundings.amqpUrl ? { amqpUrl: surroundings.amqpUrl } : {}),
      ...(process.env['MAILBOX_URL'] ? { mailboxUrl: process.env['MAILBOX_URL'] } : {}),
    })
    return undefined
  }
  const { shop, stack, stop } = await startOwnStack('test/e2e')
  provide('shop', { ...shop, ...(stack.mailboxUrl ? { mailboxUrl: stack.mailboxUrl } : {}) })
  return stop
}
export default setup
