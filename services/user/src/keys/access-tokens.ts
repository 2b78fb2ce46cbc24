import { SignJWT, type JWTPayload } from 'jose'
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

export type SignAccessToken = (claims: TokenClaims) => Promise<string>
export type SignMachineToken = (claims: MachineTokenClaims) => Promise<string>

interface Signature {
  subject: string
  claims: JWTPayload
  ttlSeconds: number
}

/** Signs access tokens: short-lived, and carrying what their bearer may do, so that nobody has to ask us. */
export const createTokenSigner = (
  currentKey: () => SigningKey,
  options: { issuer: string; audience: string; ttlSeconds: number },
): { forSession: SignAccessToken; forMachine: SignMachineToken } => {
  const sign = ({ subject, claims, ttlSeconds }: Signature) => {
    const { kid, alg, privateKey } = currentKey()
    return new SignJWT(claims)
      .setProtectedHeader({ alg, kid, typ: 'JWT' })
      .setIssuer(options.issuer)
      .setAudience(options.audience)
      .setSubject(subject)
      .setIssuedAt()
      .setExpirationTime(`${ttlSeconds}s`)
      .sign(privateKey)
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
