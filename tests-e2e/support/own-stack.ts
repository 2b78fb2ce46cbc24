import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServers, startStack, type Servers, type Stack } from '@storewright/local'
import { connect } from '@storewright/database'
import { sql } from 'kysely'
import { watchGateway, type ShopUnderTest } from './under-test.ts'

const checkout = fileURLToPath(new URL('../../', import.meta.url))

export type OwnStack = { shop: ShopUnderTest; stack: Stack; servers: Servers; stop: () => Promise<void> }

// Everybody in a test has the same address, and a real password's cost would be most of the time.
const ENV = {
  gateway: { RATE_LIMIT_PER_MINUTE: '10000000', AUTH_RATE_LIMIT_PER_MINUTE: '10000000' },
  user: { BCRYPT_COST: '4' },
}

const dropSchemas = async (adminUrl: string, prefix: string, services: string[]) => {
  const db = connect<unknown>(adminUrl, { poolSize: 1 })
  try {
    for (const service of services) {
      if (service !== 'audit') await sql`drop database if exists ${sql.id(prefix + service)}`.execute(db)
      await sql`drop user if exists ${sql.lit(prefix + service)}`.execute(db)
    }
  } finally {
    await db.destroy()
  }
}

const dropVirtualHost = async (managementUrl: string | undefined, amqpUrl: string) => {
  if (!managementUrl) return
  const { origin, username, password } = new URL(managementUrl)
  const name = new URL(amqpUrl).pathname.slice(1)
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  for (const path of [`vhosts/${name}`, `users/${name}`])
    await fetch(`${origin}/api/${path}`, {
      method: 'DELETE',
      headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` },
    })
}

/**
 * Starts a whole shop for tests in a folder of `.data`, with schemas and a virtual host that no other run shares.
 * `own` servers can be killed; otherwise those of the environment are used where it names some.
 */
export const startOwnStack = async (
  folder: string,
  {
    own = false,
    env = {},
    replicas = {},
  }: {
    own?: boolean
    env?: Record<string, Record<string, string>>
    replicas?: Record<string, number>
  } = {},
): Promise<OwnStack> => {
  const dataDir = join(checkout, '.data', folder)
  const prefix = `t${Date.now().toString(36)}_`
  const servers = await startServers({ dataDir, own })
  const stack = await startStack({
    dataDir,
    servers,
    prefix,
    replicas,
    env: {
      ...env,
      gateway: { ...ENV.gateway, ...env['gateway'] },
      user: { ...ENV.user, ...env['user'] },
    },
    onTrouble: (text) => process.stderr.write(`${text}\n`),
  }).catch(async (error: unknown) => {
    await servers.stop()
    throw error
  })
  for (const { name, url } of stack.processes) if (name.startsWith('gateway')) watchGateway(url)
  return {
    stack,
    servers,
    shop: {
      gatewayUrl: stack.gatewayUrl,
      admin: stack.admin,
      auditUrl: stack.databases['audit'] ?? servers.mysql.url,
      prefix,
      mysqlUrl: servers.mysql.url,
      amqpUrl: stack.amqpUrl,
    },
    stop: async () => {
      await stack.stop()
      await dropVirtualHost(servers.rabbitmq.managementUrl, stack.amqpUrl)
      await dropSchemas(servers.mysql.url, prefix, Object.keys(stack.databases))
      await servers.stop()
    },
  }
}
