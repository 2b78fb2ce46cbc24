import { Failure } from './reporting.ts'

const origins = ['environment', 'docker', 'binaries'] as const

export type Origin = (typeof origins)[number]

const originOf = (variable: string, value: string | undefined): Origin | undefined => {
  if (!value) return undefined
  const origin = origins.find((known) => known === value)
  if (origin) return origin
  throw new Failure(`${variable} is "${value}": it may be ${origins.join(', ')}, or left unset.`)
}

const portOf = (value: string | undefined): number | undefined => {
  if (!value) return undefined
  const port = Number(value)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new Failure(`PORT is "${value}": it has to be a number from 1 to 65535.`)
}

/** What the launcher takes from the environment; the only place that reads it. */
export const readConfig = (env: NodeJS.ProcessEnv = process.env) => ({
  mysqlUrl: env['MYSQL_URL'] || undefined,
  rabbitmqUrl: env['RABBITMQ_URL'] || undefined,
  rabbitmqManagementUrl: env['RABBITMQ_MANAGEMENT_URL'] || undefined,
  origin: originOf('STOREWRIGHT_SERVERS', env['STOREWRIGHT_SERVERS']),
  /** Where tests that kill servers take theirs from, beside the ones that all tests share. */
  ownOrigin: originOf('STOREWRIGHT_OWN_SERVERS', env['STOREWRIGHT_OWN_SERVERS']),
  mysqlImage: env['STOREWRIGHT_MYSQL_IMAGE'] || 'mysql:8.4',
  rabbitmqImage: env['STOREWRIGHT_RABBITMQ_IMAGE'] || 'rabbitmq:4-management',
  prefix: env['STOREWRIGHT_PREFIX'] || 'storewright_',
  port: portOf(env['PORT']),
  adminEmail: env['ADMIN_EMAIL'] || 'admin@example.com',
  adminPassword: env['ADMIN_PASSWORD'] || undefined,
  env,
})

export type Config = ReturnType<typeof readConfig>
