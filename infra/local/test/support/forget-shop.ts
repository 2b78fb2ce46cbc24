import { query } from './query.ts'

/** Takes a shop of stubs off the servers that all tests share. */
export const forgetShop = async (prefix: string): Promise<void> => {
  const services = ['order', 'gateway', 'loyalty']
  await query(
    process.env['MYSQL_URL'] ?? '',
    ...services.map((name) => `drop database if exists ${prefix}${name}`),
    ...[...services, 'audit'].map((name) => `drop user if exists '${prefix}${name}'`),
  )
  const managementUrl = process.env['RABBITMQ_MANAGEMENT_URL']
  if (!managementUrl) return
  const { origin, username, password } = new URL(managementUrl)
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const name = prefix.replace(/_$/, '')
  for (const path of [`vhosts/${name}`, `users/${name}`]) {
    await fetch(`${origin}/api/${path}`, { method: 'DELETE', headers: { authorization } })
  }
}
