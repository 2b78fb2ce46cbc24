import { decodeToken, signToken } from '@storewright/testing'
import { expect, it } from 'vitest'
import { generateSigningKey } from '../src/keys/signing-key.ts'
import { opened, setUpUser } from './harness.ts'

const user = setUpUser()
const somebody = opened(() => user.newcomer())

const claims = () => decodeToken(somebody.tokens.accessToken).payload

const forgeries: Record<string, () => Promise<string> | string> = {
  'no token': () => '',
  'a word': () => 'token',
  'an unsigned one': () => signToken({ alg: 'none' }, claims(), 'none'),
  'an expired one': async () => {
    const { kid, alg, privateKey } = await user.signingKey()
    return signToken({ alg, kid }, { ...claims(), iat: 1_600_000_000, exp: 1_600_000_900 }, { privateKey })
  },
  'one by a key of another': async () => {
    const { kid } = await user.signingKey()
    const { alg, privateKey } = generateSigningKey()
    return signToken({ alg, kid }, claims(), { privateKey })
  },
  'one for another audience': async () => {
    const { kid, alg, privateKey } = await user.signingKey()
    return signToken({ alg, kid }, { ...claims(), aud: 'elsewhere' }, { privateKey })
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
