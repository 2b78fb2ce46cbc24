export { Failure } from './failure.ts'
export type { ServerHandle, ServerName } from './servers/handle.ts'
export { type Servers, startMysql, startRabbitmq, startServers } from './servers/index.ts'
