import { createServer } from 'node:http'

// Takes the place of a real service: answers the launcher's probes, returns its environment, exits on request.
const { env } = process
if (env['FAIL_AT_START']) {
  process.stderr.write(`${env['FAIL_AT_START']}\n`)
  process.exit(1)
}

const server = createServer((request, response) => {
  if (request.url === '/crash') process.exit(3)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(request.url === '/env' ? env : { status: 'ready' }))
})
server.listen(Number(env['PORT']), env['HOST'])
process.on('SIGTERM', () => {
  server.close()
  server.closeAllConnections()
})
