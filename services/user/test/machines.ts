import type { UserService } from './harness.ts'
import type { Problem, Staff } from './staff.ts'

export const INTERNAL_TOKEN = 'internal-token-of-this-test'
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
export interface Created extends Problem {
  apiKey: ApiKey
  key: string
}

/** What is done with the keys of machines, in the words of the tests; by the administrator where nobody is said. */
export const openMachines = (user: UserService, staff: Staff) => {
  const create = <Body = Created>(body: unknown, token = staff.token, headers?: Record<string, string>) =>
    user.request<Body>('POST', '/v1/api-keys', { body, token, ...(headers ? { headers } : {}) })
  const exchange = (key: unknown, headers: Record<string, string> = { 'x-internal-token': INTERNAL_TOKEN }) =>
    user.request<{ accessToken: string; expiresIn: number; apiKeyId: string } & Problem>(
      'POST',
      '/internal/api-keys/token',
      { body: { key }, headers },
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
export type Machines = ReturnType<typeof openMachines>
