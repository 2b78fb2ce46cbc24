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
