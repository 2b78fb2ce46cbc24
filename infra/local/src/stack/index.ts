import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { provision } from '@storewright/database'
import { readConfig } from '../config.ts'
import { Failure, messageOf, type Progress } from '../reporting.ts'
import { prepareDataDir, writeJson } from '../files.ts'
import { endRegistered } from '../orphan-processes.ts'
import { openProcessRegistry } from '../process-registry.ts'
import { openPorts } from '../ports.ts'
import { passwordFor, secretsOf } from '../secrets.ts'
import type { ServerHandle } from '../servers/handle.ts'
import { prepareBroker } from './broker-account.ts'
import { chooseGatewayPort } from './gateway-port.ts'
import { environmentOf, planInstances, mailboxOf, urlsOf, type Instance } from './instances.ts'
import { type RunFile, describeServers, runFileOf } from './run-file.ts'
import { type ServiceDefinition, shopServices } from './services.ts'
import { type SupervisedProcess, superviseProcess } from './supervised.ts'

export type StackOptions = {
  dataDir: string
  servers: { mysql: ServerHandle; rabbitmq: ServerHandle }
  /** More variables by service; these win over all others. */
  env?: Record<string, Record<string, string>>
  replicas?: Record<string, number>
  /** The gateway's port; else PORT, 8080 or the next free one. */
  port?: number
  prefix?: string
  services?: ServiceDefinition[]
  onProgress?: Progress
  onTrouble?: (text: string) => void
}

/** Prepares schemas and virtual host, starts every service, and returns when all are ready. */
export const startStack = async (options: StackOptions) => {
  const config = readConfig()
  const dataDir = prepareDataDir(options.dataDir)
  const { servers, services = shopServices(), prefix = config.prefix, replicas = {} } = options
  const note = options.onProgress ?? (() => undefined)
  const secrets = secretsOf(dataDir)
  const registry = openProcessRegistry(dataDir)
  const ports = openPorts(dataDir)
  const runFile = runFileOf(dataDir)

  // A file left by a crash names processes that have ended.
  rmSync(runFile, { force: true })
  const left = await endRegistered(registry, ({ kind }) => kind === 'service')
  if (left.length > 0) note('databases', `ended what an earlier start left running: ${left.join(', ')}`)

  note('databases', 'preparing schemas and accounts')
  const withSchema = services.filter(({ database }) => database).map(({ name }) => name)
  const databases: Record<string, string> = await provision({
    adminUrl: servers.mysql.url,
    prefix,
    services: withSchema,
    passwordFor: (service) => passwordFor(secrets, `database/${prefix}${service}`),
  }).catch((error: unknown) => {
    throw new Failure(
      `The database server does not let Storewright make its schemas and users (${messageOf(error)}): its account needs the rights to create both.`,
    )
  })
  const amqpUrl = await prepareBroker(servers.rabbitmq, prefix, secrets)
  note('databases', 'schemas, accounts and virtual host are there', 'done')

  const adminEmail = config.adminEmail
  const adminPassword = config.adminPassword ?? secrets.adminPassword
  const internalToken = config.env['INTERNAL_TOKEN'] || secrets.internalToken
  const instances = await planInstances(services, replicas, (name) =>
    name === 'gateway' ? chooseGatewayPort(options.port ?? config.port) : ports(name),
  )
  const gatewayUrl = urlsOf(instances, 'gateway')[0] ?? ''
  const orderTokenSecret = config.env['ORDER_TOKEN_SECRET'] || secrets.orderTokenSecret
  const accounts = { adminEmail, adminPassword, internalToken, orderTokenSecret }
  const settings = { env: config.env, databases, amqpUrl, ...accounts }

  let running = false
  let customer: RunFile['logins']['customer']
  const envOf = (instance: Instance): NodeJS.ProcessEnv => ({
    ...environmentOf(instance, instances, settings),
    ...options.env?.[instance.service.name],
  })
  const notification = instances.find(({ service }) => service.name === 'notification')
  const mailboxUrl = notification && mailboxOf(notification.url, envOf(notification))
  const processes: SupervisedProcess[] = instances.map((instance) =>
    superviseProcess({
      name: instance.name,
      entry: instance.service.entry,
      env: envOf(instance),
      port: instance.port,
      log: join(dataDir, 'logs', `${instance.name}.log`),
      registry,
      report: (text) => options.onTrouble?.(text),
      changed: () => writeRunFile(),
    }),
  )

  const writeRunFile = (): void => {
    if (!running) return
    const content: RunFile = {
      gatewayUrl,
      docsUrl: `${gatewayUrl}/docs`,
      logins: { admin: { email: adminEmail, password: adminPassword }, ...(customer && { customer }) },
      servers: describeServers(servers),
      databases,
      amqpUrl,
      ...(servers.rabbitmq.managementUrl && { managementUrl: servers.rabbitmq.managementUrl }),
      ...(mailboxUrl && { mailboxUrl }),
      processes: processes.map(({ name, pid, port, url, log }) => ({ name, pid, port, url, log })),
      prefix,
      internalToken,
      launcher: process.pid,
    }
    writeJson(runFile, content)
  }

  const named = (name: string): SupervisedProcess => {
    const found = processes.find((candidate) => candidate.name === name)
    if (found) return found
    throw new Failure(
      `There is no service named ${name}: there are ${processes.map((each) => each.name).join(', ')}.`,
    )
  }
  const start = async (each: SupervisedProcess): Promise<void> => {
    note(each.name, `starting on port ${each.port}`)
    try {
      await each.start()
    } catch (error) {
      note(each.name, messageOf(error), 'failed')
      throw error
    }
    note(each.name, `port ${each.port}`, 'done')
    writeRunFile()
  }
  const stop = async (): Promise<void> => {
    running = false
    rmSync(runFile, { force: true })
    // The way in closes first, so that nothing arrives at a service that is gone.
    const isWayIn = ({ name }: SupervisedProcess) => /^gateway(-\d+)?$/.test(name)
    await Promise.all(processes.filter(isWayIn).map((each) => each.stop()))
    await Promise.all(processes.filter((each) => !isWayIn(each)).map((each) => each.stop()))
  }

  const outcomes = await Promise.allSettled(processes.map(start))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) {
    await stop()
    throw failed.reason
  }
  running = true
  writeRunFile()

  return {
    gatewayUrl,
    docsUrl: `${gatewayUrl}/docs`,
    mailboxUrl,
    runFile,
    databases,
    amqpUrl,
    prefix,
    internalToken,
    admin: { email: adminEmail, password: adminPassword },
    processes: processes as readonly SupervisedProcess[],
    /** `kill -9` of one process (`order`, `order-2`); it is started again as after any crash. */
    kill: (name: string) => named(name).kill(),
    stopService: (name: string) => named(name).stop(),
    startService: (name: string) => start(named(name)),
    restart: async (name: string) => {
      await named(name).stop()
      await start(named(name))
    },
    setDemoCustomer: (login: { email: string; password: string }) => {
      customer = login
      writeRunFile()
    },
    /** Writes the run file again, when a server has another process now. */
    refreshRunFile: writeRunFile,
    stop,
  }
}

export type Stack = Awaited<ReturnType<typeof startStack>>
