import { expectOk } from '@storewright/client'
import { claimsOf, getBody, type Fixtures } from './fixtures.ts'
import { login, needs, open, type AccessRules, type Owned } from './access-rule.ts'

const address = {
  label: 'Home',
  name: 'Ada Shopper',
  line1: '1 High Street',
  city: 'Leeds',
  postalCode: 'LS1 1AA',
  country: 'GB',
}

const anAddress = async ({ shop, owner, secrets }: Fixtures) => {
  const { id } = expectOk(
    'add address',
    await shop.http.call('POST', '/v1/me/addresses', { ...owner.call, body: address }),
  )
  secrets.add(id)
  return id
}

const addressEntry = (succeeds: number, body?: unknown) => ({
  access: 'owner' as const,
  guest: 401 as const,
  stranger: 404 as const,
  make: async (fixtures: Fixtures): Promise<Owned> => ({
    request: { path: `/v1/me/addresses/${await anAddress(fixtures)}`, ...(body ? { call: { body } } : {}) },
    look: () => getBody(fixtures.shop, '/v1/me/addresses', fixtures.owner),
    succeeds,
  }),
})

/** Of the sessions, those that were there before: looking opens none. */
const aSession = async ({ shop, ada, owner, secrets }: Fixtures): Promise<Owned> => {
  const { tokens } = await shop.logIn(ada.login.email, ada.login.password)
  const { sid } = claimsOf(tokens.accessToken)
  secrets.add(sid)
  const look = async () => {
    const { body } = await shop.http.call('GET', '/v1/me/sessions', owner.call)
    return body.items.map(({ id }) => id).sort()
  }
  return { request: { path: `/v1/me/sessions/${sid}` }, look, succeeds: 204 }
}

/** Accounts and what hangs on them. */
export const accountRules: AccessRules = {
  'GET /health': open('shows no secret'),
  'GET /.well-known/jwks.json': open('public keys'),
  'POST /v1/auth/register': open('the way in'),
  'POST /v1/auth/login': open('the way in'),
  'POST /v1/auth/refresh': open('the refresh token is the credential'),
  'POST /v1/auth/password/forgot': open('answers the same whoever asks'),
  'POST /v1/auth/password/reset': open('the mailed token is the credential'),
  'POST /v1/auth/email/verify': open('the mailed token is the credential'),
  'GET /v1/erasures/{id}': open('names nobody, and its id is random'),

  'POST /v1/auth/logout': login,
  'POST /v1/auth/email/resend': login,
  'GET /v1/me': login,
  'PATCH /v1/me': login,
  'DELETE /v1/me': login,
  'POST /v1/me/password': login,
  'GET /v1/me/activity': login,
  'GET /v1/me/export': login,
  'GET /v1/me/preferences': login,
  'PUT /v1/me/preferences': login,
  'GET /v1/me/addresses': login,
  'POST /v1/me/addresses': login,
  'PATCH /v1/me/addresses/{id}': addressEntry(200, { city: 'York' }),
  'DELETE /v1/me/addresses/{id}': addressEntry(204),
  'GET /v1/me/sessions': login,
  'DELETE /v1/me/sessions/{id}': { access: 'owner', guest: 401, stranger: 404, make: aSession },

  'GET /v1/users': needs('users:read'),
  'GET /v1/users/{id}': needs('users:read'),
  'PATCH /v1/users/{id}': needs('users:write'),
  'GET /v1/users/{id}/sessions': needs('users:read'),
  'DELETE /v1/users/{id}/sessions/{sessionId}': needs('users:write'),
  'GET /v1/users/{id}/activity': needs('users:read'),
  'POST /v1/users/{id}/erasure': needs('users:write'),

  'GET /v1/api-keys': needs('api-keys:write'),
  'POST /v1/api-keys': needs('api-keys:write'),
  'GET /v1/api-keys/{id}': needs('api-keys:write'),
  'DELETE /v1/api-keys/{id}': needs('api-keys:write'),
}
