import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { JsonWebKey, KeyObject } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'

/** What others need to verify with. */
export interface PublicJwk {
  kty: string
  crv: string
  x: string
  y?: string
  kid: string
  alg: string
  use: string
}

/** What access tokens are signed with. `kid` is the key's own thumbprint, so equal keys have equal names. */
export interface SigningKey {
  kid: string
  alg: 'ES256' | 'EdDSA'
  privateKey: KeyObject
  publicJwk: PublicJwk
}

const algOf = (key: KeyObject): SigningKey['alg'] | undefined => {
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA'
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
    ? 'ES256'
    : undefined
}

const describe = async (privateKey: KeyObject): Promise<SigningKey> => {
  const alg = algOf(privateKey)
  if (!alg) throw new Error('the signing key is neither an EC key on P-256 nor an Ed25519 key')
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' }) as { kty: string; crv: string; x: string }
  const kid = await calculateJwkThumbprint(jwk)
  return { kid, alg, privateKey, publicJwk: { ...jwk, kid, alg, use: 'sig' } }
}

/** Reads a private key from a PEM text (line breaks may be written `\n`) or a JWK. */
export const readSigningKey = async (text: string): Promise<SigningKey> => {
  let key: KeyObject
  try {
    key = text.trimStart().startsWith('{')
      ? createPrivateKey({ key: JSON.parse(text) as JsonWebKey, format: 'jwk' })
      : createPrivateKey(text.replaceAll('\\n', '\n'))
  } catch {
    // Without the cause: its message may quote the key.
    throw new Error('SIGNING_KEY is no private key in PEM or JWK form')
  }
  return describe(key)
}

export const generateSigningKey = () =>
  describe(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)

/** The private key as text for the database; `readSigningKey` reads it. */
export const writeSigningKey = (key: SigningKey) => JSON.stringify(key.privateKey.export({ format: 'jwk' }))
