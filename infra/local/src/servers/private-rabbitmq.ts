import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { idOf, writeFile } from '../files.ts'
import { probeManagement, probeRabbitmq } from '../probe.ts'
import type { RabbitmqBinaries } from './find-binaries.ts'
import { BROKER_ADMIN, type ServerHandle, type Setting } from './handle.ts'
import { privateProcess } from './private-process.ts'

const answers = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
  })

// A developer's machine is shared: little memory for the write-ahead log, no busy waiting between messages.
const brokerConfig = (port: number, managementPort: number, password: string): string =>
  [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${managementPort}`,
    `default_user = ${BROKER_ADMIN}`,
    `default_pass = ${password}`,
    'vm_memory_high_watermark.absolute = 1GB',
    'disk_free_limit.absolute = 200MB',
    'raft.wal_max_size_bytes = 67108864',
    'log.console = true',
    'log.console.level = info',
    'log.file = false',
    '',
  ].join('\n')

// Settings for a system's broker, if the shell has some, must not reach ours.
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(RABBITMQ_|ERL_)/.test(name)))

/** A broker of our own from installed binaries: own ports, data, cookie and port mapper. */
export const startPrivateRabbitmq = async (
  setting: Setting,
  binaries: RabbitmqBinaries,
): Promise<ServerHandle> => {
  const { dataDir, secrets, registry, note, portFor } = setting
  const folder = join(dataDir, 'rabbitmq')
  const home = join(folder, 'home')
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const log = join(dataDir, 'logs', 'rabbitmq.log')
  const held = registry.findAlive('rabbitmq') !== undefined
  const port = await portFor('rabbitmq', held)
  const managementPort = await portFor('rabbitmq-management', held)
  const epmdPort = await portFor('epmd', registry.findAlive('epmd') !== undefined)
  const distributionPort = await portFor('rabbitmq-distribution', held)
  writeFile(join(folder, 'rabbitmq.conf'), brokerConfig(port, managementPort, secrets.rabbitmq))
  writeFile(join(folder, 'enabled_plugins'), '[rabbitmq_management].\n')

  const user = `${BROKER_ADMIN}:${secrets.rabbitmq}`
  const url = `amqp://${user}@127.0.0.1:${port}`
  const managementUrl = `http://${user}@127.0.0.1:${managementPort}`
  const env = {
    ...cleanEnvironment(),
    HOME: home,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_CRASH_DUMP: join(folder, 'erl_crash.dump'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    // `@localhost` resolves everywhere, the machine's own name does not.
    RABBITMQ_NODENAME: `storewright-${idOf(dataDir)}@localhost`,
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(dataDir, 'logs'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none',
    // Makes the script become the broker instead of waiting for it, so that its process id is the broker's.
    RUNNING_UNDER_SYSTEMD: 'true',
  }

  const portMapper = privateProcess({
    name: 'epmd',
    title: "Erlang's port mapper",
    registry,
    log: join(dataDir, 'logs', 'epmd.log'),
    port: epmdPort,
    command: binaries.epmd,
    args: ['-port', String(epmdPort), '-address', '127.0.0.1'],
    env,
    probe: () => answers(epmdPort).then(() => true),
    startWithinMs: 10_000,
    stopWithinMs: 2_000,
  })
  const broker = privateProcess({
    name: 'rabbitmq',
    title: 'RabbitMQ',
    registry,
    log,
    port,
    command: binaries.server,
    args: [],
    cwd: folder,
    env,
    probe: async () => {
      const version = await probeRabbitmq(url)
      await probeManagement(managementUrl)
      return version
    },
    startWithinMs: 120_000,
    stopWithinMs: 30_000,
  })
  const start = async (): Promise<string> => {
    await portMapper.start()
    return broker.start()
  }
  note(
    'rabbitmq',
    held ? 'taking over the one that still runs' : `starting ${binaries.server} on port ${port}`,
  )
  const version = await start()

  return {
    origin: 'binaries',
    version,
    url,
    managementUrl,
    log,
    get pid() {
      return broker.pid ?? 0
    },
    start: async () => void (await start()),
    stop: async () => {
      await broker.stop()
      await portMapper.stop()
    },
    kill: broker.kill,
    isRunning: async () => broker.isRunning(),
  }
}
