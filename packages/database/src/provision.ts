import { escape, escapeId } from 'mysql2'
import { openConnectionTo, query } from './connect.ts'

const OWN_RIGHTS =
  'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW, CREATE TEMPORARY TABLES'

const NAME = /^[a-z][a-z0-9_]{0,31}$/

const urlFor = (adminUrl: string, user: string, password: string, schema: string) => {
  const url = new URL(adminUrl)
  url.username = encodeURIComponent(user)
  url.password = encodeURIComponent(password)
  url.pathname = `/${schema}`
  return url.href
}

/** Safe to repeat. Each service's user has rights in its schema only; the user `audit` reads all. Returns their URLs. */
export const provision = async <Service extends string>({
  adminUrl,
  prefix,
  services,
  passwordFor,
}: {
  adminUrl: string
  prefix: string
  services: readonly Service[]
  passwordFor: (service: Service | 'audit') => string
}): Promise<Record<Service | 'audit', string>> => {
  for (const name of [...services, 'audit']) {
    // 32 characters are the limit for a user; these names need no quoting.
    if (!NAME.test(prefix + name)) throw new Error(`"${prefix}${name}" cannot name a schema and its user`)
  }
  const admin = await openConnectionTo(adminUrl)
  try {
    const [partialRevokes] = await query<{ Value: string }>(admin, "SHOW VARIABLES LIKE 'partial_revokes'")
    // In a GRANT `_` stands for any letter, unless partial revokes are on: then a backslash would be taken literally.
    const pattern = (schema: string) =>
      escapeId(partialRevokes?.Value === 'ON' ? schema : schema.replaceAll('_', '\\_'))

    const ensureUser = async (user: string, password: string) => {
      const account = `${escape(user)}@'%'`
      await query(admin, `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY ${escape(password)}`)
      await query(admin, `ALTER USER ${account} IDENTIFIED BY ${escape(password)}`)
      return account
    }

    const audit = await ensureUser(`${prefix}audit`, passwordFor('audit'))
    const urls: [string, string][] = [['audit', urlFor(adminUrl, `${prefix}audit`, passwordFor('audit'), '')]]
    for (const service of services) {
      const schema = `${prefix}${service}`
      await query(
        admin,
        `CREATE DATABASE IF NOT EXISTS ${escapeId(schema)} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci`,
      )
      const password = passwordFor(service)
      const account = await ensureUser(schema, password)
      await query(admin, `GRANT ${OWN_RIGHTS} ON ${pattern(schema)}.* TO ${account}`)
      await query(admin, `GRANT SELECT, SHOW VIEW ON ${pattern(schema)}.* TO ${audit}`)
      urls.push([service, urlFor(adminUrl, schema, password, schema)])
    }
    return Object.fromEntries(urls) as Record<Service | 'audit', string>
  } finally {
    admin.destroy()
  }
}
