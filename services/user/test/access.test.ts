import { createLocalJWKSet, jwtVerify, SignJWT, UnsecuredJWT, type JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { generateSigningKey } from '../src/keys/signing-key.ts'
import { startUser, type SignedIn, type UserService } from './harness.ts'

let user: UserService
let somebody: SignedIn
beforeAll(async () => {
  user = await startUser()
  somebody = (await user.register()).body
})
afterAll(() => user.stop())

const claims = async () => {
  const { body } = await user.get<JSONWebKeySet>('/.well-known/jwks.json')
  const { payload } = await jwtVerify(somebody.tokens.accessToken, createLocalJWKSet(body))
  return payload
}

const forgeries: Record<string, () => Promise<string> | string> = {
  'no token': () => '',
  'a word': () => 'token',
  'an unsigned one': async () => new UnsecuredJWT(await claims()).encode(),
  'an expired one': async () => {
    const { kid, alg, privateKey } = await user.signingKey()
    const past = { ...(await claims()), iat: 1_600_000_000, exp: 1_600_000_900 }
    return new SignJWT(past).setProtectedHeader({ alg, kid }).sign(privateKey)
  },
  'one by a key of another': async () => {
    const { kid } = await user.signingKey()
    const { alg, privateKey } = await generateSigningKey()
    return new SignJWT(await claims()).setProtectedHeader({ alg, kid }).sign(privateKey)
  },
  'one for another audience': async () => {
    const { kid, alg, privateKey } = await user.signingKey()
    return new SignJWT({ ...(await claims()), aud: 'elsewhere' })
      .setProtectedHeader({ alg, kid })
      .sign(privateKey)
  },
  'a cut one': () => somebody.tokens.accessToken.slice(0, -4),
  'the refresh token': () => somebody.tokens.refreshToken,
}

it.each(Object.keys(forgeries))('%s opens nothing', async (what) => {
  const token = await forgeries[what]!()
  for (const [method, path] of [
    ['GET', '/v1/me'],
    ['POST', '/v1/auth/logout'],
  ]) {
    const answer = await user.send(path!, { method: method!, headers: { authorization: `Bearer ${token}` } })
    expect(answer).toMatchObject({ status: 401, body: { status: 401 } })
    expect(answer.headers.get('www-authenticate')).toContain('Bearer')
  }
})

it('asks guests to log in', async () => {
  expect((await user.get('/v1/me')).status).toBe(401)
  expect((await user.post('/v1/auth/logout')).status).toBe(401)
  expect((await user.get('/v1/me', somebody.tokens.accessToken)).status).toBe(200)
})
