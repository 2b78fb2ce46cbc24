import { probeManagement, probeMysql, probeRabbitmq } from '../probe.ts'
import { isContainerRunning, startContainer } from './container.ts'
import { BROKER_ADMIN, databaseOptions, type ServerHandle, type Setting } from './handle.ts'

export const startMysqlContainer = async (setting: Setting): Promise<ServerHandle> => {
  const { config, secrets } = setting
  const port = await setting.portFor('mysql', await isContainerRunning(setting, 'mysql'))
  const url = `mysql://root:${secrets.mysql}@127.0.0.1:${port}/`
  return startContainer(setting, {
    server: 'mysql',
    image: config.mysqlImage,
    dataPath: '/var/lib/mysql',
    ports: { 3306: port },
    env: { MYSQL_ROOT_PASSWORD: secrets.mysql, MYSQL_ROOT_HOST: '%' },
    args: Object.entries(databaseOptions).map(([name, value]) => `--${name}=${value}`),
    url,
    probe: () => probeMysql(url),
  })
}

/** The limits of the private broker's configuration file, in the form that needs no file. */
export const brokerArguments = [
  '-rabbit vm_memory_high_watermark {absolute,1000000000}',
  '-rabbit disk_free_limit 200000000',
  '-ra wal_max_size_bytes 67108864',
  '+sbwt none +sbwtdcpu none +sbwtdio none',
].join(' ')

export const startRabbitmqContainer = async (setting: Setting): Promise<ServerHandle> => {
  const { config, secrets, portFor } = setting
  const held = await isContainerRunning(setting, 'rabbitmq')
  const port = await portFor('rabbitmq', held)
  const managementPort = await portFor('rabbitmq-management', held)
  const user = `${BROKER_ADMIN}:${secrets.rabbitmq}`
  const url = `amqp://${user}@127.0.0.1:${port}`
  const managementUrl = `http://${user}@127.0.0.1:${managementPort}`
  return startContainer(setting, {
    server: 'rabbitmq',
    image: config.rabbitmqImage,
    dataPath: '/var/lib/rabbitmq',
    ports: { 5672: port, 15672: managementPort },
    // The data belongs to the name of the machine that wrote it.
    hostname: 'storewright',
    env: {
      RABBITMQ_DEFAULT_USER: BROKER_ADMIN,
      RABBITMQ_DEFAULT_PASS: secrets.rabbitmq,
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: brokerArguments,
    },
    args: [],
    url,
    managementUrl,
    probe: async () => {
      const version = await probeRabbitmq(url)
      await probeManagement(managementUrl)
      return version
    },
  })
}
