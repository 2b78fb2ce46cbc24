import { readConfig } from '../config.ts'
import { Failure, messageOf, type Progress } from '../reporting.ts'
import { prepareDataDir } from '../files.ts'
import { openProcessRegistry } from '../process-registry.ts'
import { endRegistered } from '../orphan-processes.ts'
import { openPorts } from '../ports.ts'
import { secretsOf } from '../secrets.ts'
import { startMysqlContainer, startRabbitmqContainer } from './docker-servers.ts'
import { mysqlFromEnvironment, rabbitmqFromEnvironment } from './environment.ts'
import { findMysql, findRabbitmq } from './find-binaries.ts'
import { type ServerHandle, type ServerName, type Setting, originLabels } from './handle.ts'
import { type Found, chooseOrigins } from './origins.ts'
import { startPrivateMysql } from './private-mysql.ts'
import { startPrivateRabbitmq } from './private-rabbitmq.ts'

export type ServerOptions = {
  dataDir: string
  /** Not those that the environment names: for tests that kill theirs. */
  own?: boolean
  onProgress?: Progress
}

const settingOf = (options: ServerOptions): Setting => {
  const dataDir = prepareDataDir(options.dataDir)
  const config = readConfig()
  return {
    dataDir,
    config: options.own ? { ...config, origin: config.ownOrigin ?? config.origin } : config,
    secrets: secretsOf(dataDir),
    registry: openProcessRegistry(dataDir),
    portFor: openPorts(dataDir),
    note: options.onProgress ?? (() => undefined),
  }
}

const fromHere = async (server: ServerName, origin: Found, setting: Setting): Promise<ServerHandle> => {
  if (server === 'mysql') {
    if (origin === 'docker') return startMysqlContainer(setting)
    const binaries = findMysql()
    if (!('missing' in binaries)) return startPrivateMysql(setting, binaries)
    throw new Failure(`${binaries.missing}.`)
  }
  if (origin === 'docker') return startRabbitmqContainer(setting)
  const binaries = findRabbitmq()
  if (!('missing' in binaries)) return startPrivateRabbitmq(setting, binaries)
  throw new Failure(`${binaries.missing}.`)
}

const start = async (servers: ServerName[], options: ServerOptions): Promise<ServerHandle[]> => {
  const setting = settingOf(options)
  const { mysqlUrl, rabbitmqUrl, rabbitmqManagementUrl, origin } = setting.config
  const named = new Map<ServerName, () => Promise<ServerHandle>>()
  if (!options.own && (origin ?? 'environment') === 'environment') {
    if (mysqlUrl) named.set('mysql', () => mysqlFromEnvironment(mysqlUrl))
    if (rabbitmqUrl) named.set('rabbitmq', () => rabbitmqFromEnvironment(rabbitmqUrl, rabbitmqManagementUrl))
  }
  const unnamed = servers.filter((server) => !named.has(server))
  if (!options.own && origin === 'environment' && unnamed.length > 0) {
    throw new Failure(
      'STOREWRIGHT_SERVERS asks for the servers of the environment: set MYSQL_URL and RABBITMQ_URL.',
    )
  }
  const origins = await chooseOrigins(unnamed, setting)
  // Of what a crashed launcher left, only what comes from the same place can be taken over.
  const originOf = (name: string) => origins.get(name === 'mysql' ? 'mysql' : 'rabbitmq')
  await endRegistered(setting.registry, ({ kind, name, container }) => {
    const concerned = kind === 'server' && servers.includes(name === 'mysql' ? 'mysql' : 'rabbitmq')
    return concerned && originOf(name) !== (container ? 'docker' : 'binaries')
  })
  const starting = servers.map(async (server) => {
    const begin = named.get(server) ?? (() => fromHere(server, origins.get(server) ?? 'binaries', setting))
    try {
      const handle = await begin()
      setting.note(server, `${handle.version}, ${originLabels[handle.origin]}`, 'done')
      return handle
    } catch (error) {
      setting.note(server, messageOf(error), 'failed')
      throw error
    }
  })
  const outcomes = await Promise.allSettled(starting)
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (!failed) return Promise.all(starting)
  // Nothing half started is left behind.
  await Promise.all(
    outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value.stop() : [])),
  )
  throw failed.reason
}

const one = async (server: ServerName, options: ServerOptions): Promise<ServerHandle> => {
  const [handle] = await start([server], options)
  if (!handle) throw new Failure(`${server} did not start.`)
  return handle
}

export const startMysql = (options: ServerOptions): Promise<ServerHandle> => one('mysql', options)

export const startRabbitmq = (options: ServerOptions): Promise<ServerHandle> => one('rabbitmq', options)

export const startServers = async (options: ServerOptions) => {
  const [mysql, rabbitmq] = await start(['mysql', 'rabbitmq'], options)
  if (!mysql || !rabbitmq) throw new Failure('The servers did not start.')
  return { mysql, rabbitmq, stop: async () => void (await Promise.all([mysql.stop(), rabbitmq.stop()])) }
}

export type Servers = Awaited<ReturnType<typeof startServers>>
