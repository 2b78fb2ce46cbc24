export const serversFromEnvironment = () => {
  const read = (name: string) => {
    const value = process.env[name]
    if (!value) throw new Error(`${name} is not set: run \`npm test\`, or set it to a server of your own`)
    return value
  }
  return {
    get mysqlUrl() {
      return read('MYSQL_URL')
    },
    get rabbitmqUrl() {
      return read('RABBITMQ_URL')
    },
    get managementUrl() {
      return read('RABBITMQ_MANAGEMENT_URL')
    },
  }
}

/** How much services log in tests: nothing, unless TEST_LOG_LEVEL asks for it. */
export const testLogLevel = () => process.env['TEST_LOG_LEVEL'] ?? 'silent'

const VHOSTS_OF_RUN = 'STOREWRIGHT_TEST_VHOSTS'

/** How the virtual hosts of this test run begin, all of which it removes at its end; undefined outside of one. */
export const vhostsOfRun = () => process.env[VHOSTS_OF_RUN]

/** For the workers of the run that begins. */
export const nameVhostsOfRun = (prefix: string) => {
  process.env[VHOSTS_OF_RUN] = prefix
}

/** Calls the broker's management API, for what AMQP does not offer. */
export const managementApi = (managementUrl: string) => {
  const { username, password, origin } = new URL(managementUrl)
  const authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`

  return async <Answer = unknown>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${origin}/api${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: the broker answered ${response.status} ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as Answer
  }
}

export type ManagementApi = ReturnType<typeof managementApi>

export const apiPath = (...parts: string[]) => parts.map((part) => `/${encodeURIComponent(part)}`).join('')
