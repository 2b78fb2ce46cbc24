import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { generateSigningKey, readSigningKey, writeSigningKey } from './signing-key.ts'

it('reads back what it wrote, under the same name', async () => {
  const key = await generateSigningKey()
  const again = await readSigningKey(writeSigningKey(key))
  expect(again).toMatchObject({ kid: key.kid, alg: 'ES256', publicJwk: key.publicJwk })
})

it('publishes no private part', async () => {
  expect((await generateSigningKey()).publicJwk).not.toHaveProperty('d')
})

it('reads a PEM on one line, as environments hold it, and Ed25519', async () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  expect(await readSigningKey(pem.replaceAll('\n', '\\n'))).toMatchObject({ alg: 'EdDSA' })
})

it('refuses other keys, and repeats nothing of them', async () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  await expect(readSigningKey(rsa.export({ format: 'pem', type: 'pkcs8' }).toString())).rejects.toThrow(
    'neither an EC key',
  )
  await expect(readSigningKey('{"kty":"EC","d":"secret"}')).rejects.toThrow(/^((?!secret).)*$/)
  await expect(readSigningKey('hunter2')).rejects.toThrow('no private key')
})
