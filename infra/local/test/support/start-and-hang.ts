import { startMysql, startServers, startStack } from '../../src/index.ts'
import { standIns } from './stand-ins.ts'

// A launcher that starts what it is told and is then killed by its test.
const [what, dataDir = '', prefix = ''] = process.argv.slice(2)
if (what === 'mysql') {
  await startMysql({ dataDir, own: true })
} else {
  await startStack({ dataDir, servers: await startServers({ dataDir }), services: standIns(), prefix })
}
process.stdout.write('started\n')
setInterval(() => undefined, 60_000)
