export { addTokenCheck, type AuthOptions, type CheckToken } from './auth/access-tokens.ts'
export {
  authOf,
  hasPermission,
  requireInternal,
  requirePermission,
  requireUser,
  requireUserOr,
  type Auth,
} from './auth/guards.ts'
export {
  createRevocations,
  RevocationSnapshot,
  revocationsFrom,
  type Revocations,
} from './auth/revocations.ts'
