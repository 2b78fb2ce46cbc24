export { scratchVhost, toProperties, type Captured, type ScratchVhost } from './broker.ts'
export { scratchDatabase, type ScratchDatabase } from './database.ts'
export { anEvent, deliver, emitted, type Emitted } from './events.ts'
export { eventually } from './eventually.ts'
export { startProxy, type Proxy } from './proxy.ts'
export { apiPath, managementApi, serversFromEnvironment, type ManagementApi } from './servers.ts'
export {
  ADMIN_PERMISSIONS,
  AUDIENCE,
  claimsOf,
  decodeToken,
  ISSUER,
  newTokenKey,
  publishedKey,
  signToken,
  startJwks,
  verifyToken,
  type Jwks,
  type PublishedKey,
  type TokenFor,
} from './tokens.ts'
export { badAddresses, goodAddresses, goodEmails } from './people.ts'
