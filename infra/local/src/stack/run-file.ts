import { join } from 'node:path'
import type { ServerHandle } from '../servers/handle.ts'

type Login = { email: string; password: string }

const describe = ({ origin, version, url, managementUrl, pid, container, log }: ServerHandle) => ({
  origin,
  version,
  url,
  managementUrl,
  pid,
  container,
  log,
})

/** The content of `run.json`, for scripts. It holds passwords, so only its owner may read it. */
export type RunFile = {
  gatewayUrl: string
  docsUrl: string
  logins: { admin: Login; customer?: Login }
  servers: { mysql: ReturnType<typeof describe>; rabbitmq: ReturnType<typeof describe> }
  databases: Record<string, string>
  amqpUrl: string
  managementUrl?: string
  /** Where the mails of a development shop can be read; not there when they go to a mail server. */
  mailboxUrl?: string
  processes: { name: string; pid: number | undefined; port: number; url: string; log: string }[]
  prefix: string
  internalToken: string
  launcher: number
}

export const describeServers = ({ mysql, rabbitmq }: { mysql: ServerHandle; rabbitmq: ServerHandle }) => ({
  mysql: describe(mysql),
  rabbitmq: describe(rabbitmq),
})

export const runFileOf = (dataDir: string): string => join(dataDir, 'run.json')
