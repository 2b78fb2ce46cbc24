import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { generateSigningKey, readSigningKey, writeSigningKey } from './signing-key.ts'

it('reads back a written key under the same key id', () => {
  const key = generateSigningKey()
  const again = readSigningKey(writeSigningKey(key))
  expect(again).toMatchObject({ kid: key.kid, alg: 'ES256', publicJwk: key.publicJwk })
})

it('publishes no private part of a key', () => {
  expect(generateSigningKey().publicJwk).not.toHaveProperty('d')
})

it('reads an Ed25519 key from a PEM on one line, as environments hold it', () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  expect(readSigningKey(pem.replaceAll('\n', '\\n'))).toMatchObject({ alg: 'EdDSA' })
})

it('names a key by its RFC 7638 thumbprint', () => {
  // The key and the thumbprint of RFC 8037, appendix A.
  const key = readSigningKey(
    JSON.stringify({
      kty: 'OKP',
      crv: 'Ed25519',
      d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    }),
  )
  expect(key.kid).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
})

it('refuses other kinds of keys with how to make one, and repeats nothing of the given text', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const reading = (text: string) => () => readSigningKey(text)
  expect(reading(rsa.export({ format: 'pem', type: 'pkcs8' }).toString())).toThrow(
    /neither an Ed25519 key nor .* openssl genpkey/,
  )
  expect(reading('{"kty":"EC","d":"secret"}')).toThrow(/^((?!secret).)*$/)
  expect(reading('hunter2')).toThrow('not a private key')
})
