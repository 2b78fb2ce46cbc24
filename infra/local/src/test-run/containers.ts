import { MySqlContainer } from '@testcontainers/mysql'
import { GenericContainer, Wait } from 'testcontainers'
import { readConfig } from '../config.ts'
import { Failure } from '../reporting.ts'
import { probeManagement, probeMysql, probeRabbitmq } from '../probe.ts'
import { DATA_LABEL, findDocker } from '../servers/docker.ts'
import { brokerArguments } from '../servers/docker-servers.ts'
import { databaseOptions, untilReady } from '../servers/handle.ts'

/** What tests need to know of a server. `version` begins with the product's name: `MySQL 9.7.0`. */
export type TestServer = { origin: 'docker'; version: string; url: string; managementUrl?: string }

const PASSWORD = 'a-password-for-tests'
const START_WITHIN_MS = 180_000

const requireVersion = (version: string, product: string, least: number): void => {
  const [name, numbers = ''] = version.split(' ')
  if (name === product && Number.parseFloat(numbers) >= least) return
  throw new Failure(`The tests in containers need ${product} ${least} or newer; the image has ${version}.`)
}

const startMysql = async (image: string, labels: Record<string, string>): Promise<TestServer> => {
  const container = await new MySqlContainer(image)
    .withRootPassword(PASSWORD)
    .withEnvironment({ MYSQL_ROOT_HOST: '%' })
    .withCommand(Object.entries(databaseOptions).map(([name, value]) => `--${name}=${value}`))
    .withLabels(labels)
    .withStartupTimeout(START_WITHIN_MS)
    .start()
  const url = `mysql://root:${PASSWORD}@${container.getHost()}:${container.getPort()}/`
  const version = await untilReady(
    () => probeMysql(url),
    START_WITHIN_MS,
    () => undefined,
  )
  requireVersion(version, 'MySQL', 8.4)
  return { origin: 'docker', version, url }
}

const startRabbitmq = async (image: string, labels: Record<string, string>): Promise<TestServer> => {
  const container = await new GenericContainer(image)
    .withExposedPorts(5672, 15672)
    .withWaitStrategy(Wait.forLogMessage('Server startup complete'))
    .withEnvironment({
      RABBITMQ_DEFAULT_USER: 'tests',
      RABBITMQ_DEFAULT_PASS: PASSWORD,
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: brokerArguments,
    })
    .withLabels(labels)
    .withStartupTimeout(START_WITHIN_MS)
    .start()
  const at = (port: number) => `tests:${PASSWORD}@${container.getHost()}:${container.getMappedPort(port)}`
  const url = `amqp://${at(5672)}`
  const managementUrl = `http://${at(15672)}`
  const version = await untilReady(
    async () => {
      await probeManagement(managementUrl)
      return probeRabbitmq(url)
    },
    START_WITHIN_MS,
    () => undefined,
  )
  requireVersion(version, 'RabbitMQ', 4)
  return { origin: 'docker', version, url, managementUrl }
}

/** Starts MySQL 8.4 or newer and RabbitMQ 4 in containers of their own for one run of the tests. */
export const startTestContainers = async (
  dataDir: string,
): Promise<{ mysql: TestServer; rabbitmq: TestServer }> => {
  const absentDocker = await findDocker()
  if (absentDocker) throw new Failure(`The tests in containers need Docker, but ${absentDocker.missing}.`)
  // The label finds what is left, also of a run that was killed; the reaper would be one more image to pull.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true'
  const { mysqlImage, rabbitmqImage } = readConfig()
  const labels = { [DATA_LABEL]: dataDir }
  const [mysql, rabbitmq] = await Promise.all([
    startMysql(mysqlImage, labels),
    startRabbitmq(rabbitmqImage, labels),
  ])
  return { mysql, rabbitmq }
}
