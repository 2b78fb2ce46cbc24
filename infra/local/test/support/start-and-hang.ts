import { startMysql, startServers, startStack } from '../../src/index.ts'
import { stubServices } from './stub-services.ts'

// A launcher that starts what its arguments name and is then killed by its test.
const [what, dataDir = '', prefix = ''] = process.argv.slice(2)
if (what === 'mysql') {
  await startMysql({ dataDir, own: true })
} else {
  await startStack({ dataDir, servers: await startServers({ dataDir }), services: stubServices(), prefix })
}
process.stdout.write('started\n')
setInterval(() => undefined, 60_000)
