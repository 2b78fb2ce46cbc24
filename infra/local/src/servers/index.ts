import { readConfig } from '../config.ts'
import { prepareDataDir } from '../files.ts'
import { openLedger } from '../ledger.ts'
import { openPorts } from '../ports.ts'
import { secretsOf } from '../secrets.ts'
import { Failure } from '../failure.ts'
import { mysqlFromEnvironment, rabbitmqFromEnvironment } from './environment.ts'
import { findMysql, findRabbitmq } from './find-binaries.ts'
import type { ServerHandle, ServerName, Setting } from './handle.ts'
import { startPrivateMysql } from './private-mysql.ts'
import { startPrivateRabbitmq } from './private-rabbitmq.ts'

export type ServerOptions = {
  dataDir: string
  /** Not even if the environment names servers: for tests that kill theirs. */
  own?: boolean
  onProgress?: (server: ServerName, text: string) => void
}

const startMysqlWith = async (setting: Setting, own: boolean): Promise<ServerHandle> => {
  if (!own && setting.config.mysqlUrl) return mysqlFromEnvironment(setting.config.mysqlUrl)
  const binaries = findMysql()
  if ('missing' in binaries) throw new Failure(binaries.missing)
  return startPrivateMysql(setting, binaries)
}

const startRabbitmqWith = async (setting: Setting, own: boolean): Promise<ServerHandle> => {
  const { rabbitmqUrl, rabbitmqManagementUrl } = setting.config
  if (!own && rabbitmqUrl) return rabbitmqFromEnvironment(rabbitmqUrl, rabbitmqManagementUrl)
  const binaries = findRabbitmq()
  if ('missing' in binaries) throw new Failure(binaries.missing)
  return startPrivateRabbitmq(setting, binaries)
}

const settingOf = (options: ServerOptions): Setting => {
  const dataDir = prepareDataDir(options.dataDir)
  return {
    dataDir,
    config: readConfig(),
    secrets: secretsOf(dataDir),
    ledger: openLedger(dataDir),
    portFor: openPorts(dataDir),
    note: options.onProgress ?? (() => undefined),
  }
}

/** The database server alone. */
export const startMysql = (options: ServerOptions): Promise<ServerHandle> =>
  startMysqlWith(settingOf(options), options.own ?? false)

/** The broker alone. */
export const startRabbitmq = (options: ServerOptions): Promise<ServerHandle> =>
  startRabbitmqWith(settingOf(options), options.own ?? false)

/** The database server and the broker. */
export const startServers = async (options: ServerOptions) => {
  const [mysql, rabbitmq] = await Promise.all([startMysql(options), startRabbitmq(options)])
  return { mysql, rabbitmq, stop: async () => void (await Promise.all([mysql.stop(), rabbitmq.stop()])) }
}

export type Servers = Awaited<ReturnType<typeof startServers>>
