export {
  authOf,
  createTokenCheck,
  hasPermission,
  requireInternal,
  requirePermission,
  requireUser,
  requireUserOr,
  type Auth,
  type AuthOptions,
  type CheckToken,
} from './auth/auth.ts'
export { createRevocations, InForce, revocationsFrom, type Revocations } from './auth/revocations.ts'
