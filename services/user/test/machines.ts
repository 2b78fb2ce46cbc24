import { INTERNAL_TOKEN } from '@storewright/testing/service'
import type { ProblemBody, UserService } from './harness.ts'
import type { Staff } from './staff.ts'

export const warehouse = { name: 'Warehouse', permissions: ['stock:write', 'stock:read'] }

export interface ApiKey {
  id: string
  name: string
  prefix: string
  permissions: string[]
  createdBy: string
  createdAt: string
  expiresAt: string
  lastUsedAt: string | null
  revokedAt: string | null
}
export interface Created extends ProblemBody {
  apiKey: ApiKey
  key: string
}

/** What is done with API keys, by the administrator unless a token is given. */
export const setUpMachines = (user: UserService, staff: Staff) => {
  const create = <Body = Created>(body: unknown, token = staff.token, headers: Record<string, string> = {}) =>
    user.request<Body>('POST', '/v1/api-keys', { body, token, headers })
  const exchange = (
    key: unknown,
    headers: Record<string, string> = { 'x-internal-token': INTERNAL_TOKEN },
    base?: string,
  ) =>
    user.request<{ accessToken: string; expiresIn: number; apiKeyId: string } & ProblemBody>(
      'POST',
      '/internal/api-keys/token',
      { body: { key }, headers, base },
    )
  return {
    create,
    newKey: async (body: object = warehouse, token?: string) => (await create(body, token)).body,
    exchange,
    tokenOf: async (key: string) => (await exchange(key)).body.accessToken,
    revoke: (id: string, token = staff.token) => user.request('DELETE', `/v1/api-keys/${id}`, { token }),
    read: async (id: string) => (await user.get<ApiKey>(`/v1/api-keys/${id}`, staff.token)).body,
    row: (id: string) =>
      user.db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
  }
}
