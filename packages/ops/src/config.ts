import { existsSync, readFileSync } from 'node:fs'

/** The services that own data and take part in the events. */
export const SERVICES = ['user', 'catalog', 'inventory', 'order', 'notification'] as const
export type Service = (typeof SERVICES)[number]

/** The service that a consumer group belongs to. */
export const serviceOf = (group: string) => group.split('.')[0] ?? ''

export type Login = { email: string; password: string }

/** Where the shop is and its credentials; what is unknown stays undefined until a command requires it. */
export type OpsConfig = {
  gatewayUrl?: string | undefined
  admin?: Login | undefined
  /** An account that may create schemas and users. */
  mysqlUrl?: string | undefined
  auditUrl?: string | undefined
  amqpUrl?: string | undefined
  /** Any replica of the user service, for what only operators may do. */
  userUrl?: string | undefined
  internalToken?: string | undefined
  prefix: string
  databases: Record<string, string>
  /** The variable that names a shop, because of which the run file was not read. */
  namedBy?: string | undefined
}

type RunFile = {
  gatewayUrl: string
  logins: { admin: Login }
  servers: { mysql: { url: string } }
  databases: Record<string, string>
  amqpUrl: string
  prefix: string
  internalToken: string
  processes: { name: string; url: string }[]
}

/** The operator left out, or got wrong, what a command needs: exit code 2. */
export class UsageError extends Error {}

const RUN_FILE = '.data/run.json'
const SHOP_VARIABLES = ['GATEWAY_URL', 'AUDIT_DATABASE_URL', 'MYSQL_URL']

const readRunFile = (path: string): Partial<RunFile> => {
  if (!existsSync(path)) return {}
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunFile
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`)
  }
}

/** The URL with another path: that schema on the same server, with the same account. */
export const withSchema = (url: string, schema: string) => {
  const derived = new URL(url)
  derived.pathname = `/${schema}`
  return derived.href
}

const loginOf = (email: string | undefined, password: string | undefined) =>
  email && password ? { email, password } : undefined

/** Reads the environment first, then the file that `npm start` leaves. An environment that names a gateway or a
 * database describes another stack than the file, which is then not read. */
export const readConfig = (
  { runFile }: { runFile?: string | undefined } = {},
  env: NodeJS.ProcessEnv = process.env,
): OpsConfig => {
  const namedBy = runFile ? undefined : SHOP_VARIABLES.find((name) => env[name])
  const run = namedBy === undefined ? readRunFile(runFile ?? RUN_FILE) : {}
  const mysqlUrl = env['MYSQL_URL'] || run.servers?.mysql.url
  return {
    gatewayUrl: env['GATEWAY_URL'] || run.gatewayUrl,
    admin: loginOf(env['ADMIN_EMAIL'], env['ADMIN_PASSWORD']) ?? run.logins?.admin,
    mysqlUrl,
    auditUrl: env['AUDIT_DATABASE_URL'] || run.databases?.['audit'] || mysqlUrl,
    amqpUrl: env['AMQP_URL'] || env['RABBITMQ_URL'] || run.amqpUrl,
    userUrl: env['USER_URL']?.split(',')[0] || run.processes?.find(({ name }) => name === 'user')?.url,
    internalToken: env['INTERNAL_TOKEN'] || run.internalToken,
    prefix: env['STOREWRIGHT_PREFIX'] || run.prefix || 'storewright_',
    databases: run.databases ?? {},
    namedBy,
  }
}

const HINTS = {
  gatewayUrl: 'start the shop with npm start, or set GATEWAY_URL',
  admin: 'start the shop with npm start, or set ADMIN_EMAIL and ADMIN_PASSWORD',
  mysqlUrl: 'set MYSQL_URL to an account that may create schemas and users',
  auditUrl: 'start the shop with npm start, or set AUDIT_DATABASE_URL',
  amqpUrl: 'start the shop with npm start, or set RABBITMQ_URL',
  userUrl: 'start the shop with npm start, or set USER_URL',
  internalToken: 'start the shop with npm start, or set INTERNAL_TOKEN',
} as const

/** A setting that a command cannot do without; throws a UsageError that names the variable. */
export const requireSetting = <Part extends keyof typeof HINTS>(
  config: OpsConfig,
  part: Part,
): NonNullable<OpsConfig[Part]> => {
  const value = config[part]
  if (value) return value
  const why = config.namedBy
    ? `; ${config.namedBy} is set, so that the shop started here is not meant unless you add --run-file ${RUN_FILE}`
    : ''
  throw new UsageError(`there is no shop to work on: ${HINTS[part]}${why}`)
}

/** The URL of a service's own schema, with the right to write there. */
export const databaseUrl = (config: OpsConfig, service: string) =>
  config.databases[service] ?? withSchema(requireSetting(config, 'mysqlUrl'), `${config.prefix}${service}`)
