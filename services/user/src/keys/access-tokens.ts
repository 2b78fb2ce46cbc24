import type { Server } from '@storewright/service-kit/http'
import { permissionsOf } from '../accounts/roles.ts'
import type { SigningKey } from './signing-key.ts'

export interface TokenClaims {
  userId: string
  sessionId: string
  roles: string[]
}

/** A machine has no account: its key's id stands for user and session. */
export interface MachineTokenClaims {
  apiKeyId: string
  permissions: string[]
  expiresIn: number
}

export type SignAccessToken = (claims: TokenClaims) => string
export type SignMachineToken = (claims: MachineTokenClaims) => string

interface TokenContent {
  subject: string
  claims: object
  ttlSeconds: number
}

/** Signs access tokens: short-lived, with what their bearer may do, so that services need not ask. */
export const createTokenSigner = (
  jwt: Pick<Server['jwt'], 'sign'>,
  currentKey: () => SigningKey,
  options: { issuer: string; audience: string; ttlSeconds: number },
): { forSession: SignAccessToken; forMachine: SignMachineToken } => {
  const sign = ({ subject, claims, ttlSeconds }: TokenContent) => {
    const { kid, alg, pem } = currentKey()
    return jwt.sign(claims, {
      key: pem,
      kid,
      algorithm: alg,
      iss: options.issuer,
      aud: options.audience,
      sub: subject,
      expiresIn: ttlSeconds,
    })
  }
  return {
    forSession: ({ userId, sessionId, roles }) =>
      sign({
        subject: userId,
        claims: { sid: sessionId, roles, permissions: permissionsOf(roles) },
        ttlSeconds: options.ttlSeconds,
      }),
    forMachine: ({ apiKeyId, permissions, expiresIn }) =>
      sign({
        subject: apiKeyId,
        claims: { sid: apiKeyId, roles: [], permissions, client: 'api-key' },
        ttlSeconds: expiresIn,
      }),
  }
}
