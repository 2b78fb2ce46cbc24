import { Failure, messageOf } from '../reporting.ts'
import { probeManagement, probeMysql, probeRabbitmq } from '../probe.ts'
import type { ServerHandle, ServerName } from './handle.ts'

// A password in an address must not reach the terminal.
const withoutPassword = (address: string): string => {
  const url = new URL(address)
  url.password = ''
  return url.href
}

const parse = (variable: string, address: string): void => {
  if (!URL.canParse(address))
    throw new Failure(`${variable} is not an address such as protocol://user:password@host:port.`)
}

const asked = async <T>(
  variable: string,
  address: string,
  probe: (address: string) => Promise<T>,
): Promise<T> => {
  parse(variable, address)
  try {
    return await probe(address)
  } catch (error) {
    throw new Failure(
      `${variable} names ${withoutPassword(address)}, but ${messageOf(error)}: correct it, or unset it to let Storewright find servers by itself.`,
    )
  }
}

const notOurs = (name: ServerName) => async (): Promise<never> => {
  throw new Failure(`The ${name} server was named in the environment: only its owner stops or kills it.`)
}

export const mysqlFromEnvironment = async (url: string): Promise<ServerHandle> => {
  const version = await asked('MYSQL_URL', url, probeMysql)
  return {
    origin: 'environment',
    version,
    url,
    start: async () => undefined,
    stop: async () => undefined,
    kill: notOurs('mysql'),
    isRunning: () => probeMysql(url).then(Boolean, () => false),
  }
}

export const rabbitmqFromEnvironment = async (url: string, managementUrl?: string): Promise<ServerHandle> => {
  const version = await asked('RABBITMQ_URL', url, probeRabbitmq)
  if (managementUrl) await asked('RABBITMQ_MANAGEMENT_URL', managementUrl, probeManagement)
  return {
    origin: 'environment',
    version,
    url,
    ...(managementUrl && { managementUrl }),
    start: async () => undefined,
    stop: async () => undefined,
    kill: notOurs('rabbitmq'),
    isRunning: () => probeRabbitmq(url).then(Boolean, () => false),
  }
}
