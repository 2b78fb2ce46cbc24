import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'

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
  /** The private key in PKCS 8, as `@fastify/jwt` takes it. */
  pem: string
  publicJwk: PublicJwk
}

const HOW_TO = 'make one with: openssl genpkey -algorithm ed25519'

const algOf = (key: KeyObject): SigningKey['alg'] | undefined => {
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA'
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
    ? 'ES256'
    : undefined
}

/** RFC 7638: the hash of the members that make the key, in this order. */
const thumbprintOf = ({ kty, crv, x, y }: { kty: string; crv: string; x: string; y?: string }) =>
  createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')

const describe = (privateKey: KeyObject): SigningKey => {
  const alg = algOf(privateKey)
  if (!alg) {
    throw new Error(`SIGNING_KEY is neither an Ed25519 key nor an EC key on the curve P-256; ${HOW_TO}`)
  }
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' }) as { kty: string; crv: string; x: string }
  const kid = thumbprintOf(jwk)
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  return { kid, alg, privateKey, pem, publicJwk: { ...jwk, kid, alg, use: 'sig' } }
}

/** Reads a private key from a PEM text (line breaks may be written `\n`) or a JWK. */
export const readSigningKey = (text: string): SigningKey => {
  let key: KeyObject
  try {
    key = text.trimStart().startsWith('{')
      ? createPrivateKey({ key: JSON.parse(text) as JsonWebKey, format: 'jwk' })
      : createPrivateKey(text.replaceAll('\\n', '\n'))
  } catch {
    // Without the cause: its message may quote the key.
    throw new Error(`SIGNING_KEY is not a private key in PEM or JWK form; ${HOW_TO}`)
  }
  return describe(key)
}

export const generateSigningKey = () =>
  describe(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)

/** The private key as text for the database; `readSigningKey` reads it. */
export const writeSigningKey = (key: SigningKey) => JSON.stringify(key.privateKey.export({ format: 'jwk' }))
