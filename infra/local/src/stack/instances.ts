import { join } from 'node:path'
import { checkout } from '../files.ts'
import type { ServiceDefinition, Wiring } from './services.ts'

export type Instance = { name: string; service: ServiceDefinition; port: number; url: string }

/** Names and ports for every process; the first of a service bears its name, the others count on. */
export const planInstances = async (
  services: ServiceDefinition[],
  replicas: Record<string, number>,
  portOf: (instance: string) => Promise<number>,
): Promise<Instance[]> => {
  const instances: Instance[] = []
  for (const service of services) {
    for (let index = 1; index <= (replicas[service.name] ?? 1); index += 1) {
      const name = index === 1 ? service.name : `${service.name}-${index}`
      const port = await portOf(name)
      instances.push({ name, service, port, url: `http://127.0.0.1:${port}` })
    }
  }
  return instances
}

export const urlsOf = (instances: Instance[], service: string): string[] =>
  instances.filter((instance) => instance.service.name === service).map(({ url }) => url)

// Settings of npm and of the launcher are not passed on to services.
const LAUNCHER_ONLY = /^(npm_|MYSQL_URL$|RABBITMQ_|STOREWRIGHT_)/

type ServiceSettings = Omit<Wiring, 'urlsOf'> & {
  env: NodeJS.ProcessEnv
  databases: Record<string, string>
  amqpUrl: string
  internalToken: string
}

/** The launcher's own environment and over it where everything is; the compile cache saves a third of the start. */
export const environmentOf = (
  { service, port }: Instance,
  instances: Instance[],
  settings: ServiceSettings,
): NodeJS.ProcessEnv => {
  const { env, databases, amqpUrl, internalToken } = settings
  const inherited = Object.entries(env).filter(([name]) => !LAUNCHER_ONLY.test(name))
  const databaseUrl = databases[service.name]
  const [userUrl = ''] = urlsOf(instances, 'user')
  return {
    NODE_ENV: 'development',
    LOG_LEVEL: 'info',
    NODE_COMPILE_CACHE: join(checkout, 'node_modules', '.cache', 'storewright'),
    ...Object.fromEntries(inherited),
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    AMQP_URL: amqpUrl,
    HOST: '127.0.0.1',
    PORT: String(port),
    INTERNAL_TOKEN: internalToken,
    JWKS_URL: `${userUrl}/.well-known/jwks.json`,
    USER_URL: urlsOf(instances, 'user').join(','),
    ...service.env({ ...settings, urlsOf: (name) => urlsOf(instances, name) }),
  }
}

/** Where mails can be read, if this environment of a notification service lets it keep them to itself. */
export const mailboxOf = (url: string, env: NodeJS.ProcessEnv): string | undefined =>
  env['SMTP_URL'] || env['NODE_ENV'] === 'production' ? undefined : `${url}/mailbox`
