import { SignJWT } from 'jose'
import { permissionsOf } from '../accounts/roles.ts'
import type { SigningKey } from './signing-key.ts'

export interface TokenClaims {
  userId: string
  sessionId: string
  roles: string[]
}

export type SignAccessToken = (claims: TokenClaims) => Promise<string>

/** Signs access tokens: short-lived, and carrying what their bearer may do, so that nobody has to ask us. */
export const createTokenSigner =
  (currentKey: () => SigningKey, options: { issuer: string; audience: string; ttlSeconds: number }) =>
  ({ userId, sessionId, roles }: TokenClaims): Promise<string> => {
    const { kid, alg, privateKey } = currentKey()
    return new SignJWT({ sid: sessionId, roles, permissions: permissionsOf(roles) })
      .setProtectedHeader({ alg, kid, typ: 'JWT' })
      .setIssuer(options.issuer)
      .setAudience(options.audience)
      .setSubject(userId)
      .setIssuedAt()
      .setExpirationTime(`${options.ttlSeconds}s`)
      .sign(privateKey)
  }
