import type { Auth, CheckToken } from '@storewright/service-kit/auth'
import { Problem } from '@storewright/service-kit/http'
import type { FastifyRequest } from 'fastify'
import type { ApiKeys } from './api-keys.ts'

/** Who makes a request, by token or key; null for guests. Rejects with the Problem to answer. */
export type Identify = (request: FastifyRequest, onUnknownKey: () => void) => Promise<Auth | null>

/** Checks tokens and exchanges API keys: the request goes on as if it had come with the access token. */
export const createIdentify =
  ({ checkToken, apiKeys }: { checkToken: CheckToken; apiKeys: ApiKeys }): Identify =>
  async (request, onUnknownKey) => {
    const { authorization, 'x-api-key': key } = request.headers
    if (key === undefined) return authorization === undefined ? null : checkToken(request)
    if (authorization !== undefined) {
      throw new Problem('malformed-request', 'Send either an access token or an API key, not both.')
    }
    request.raw.headers.authorization = `Bearer ${await apiKeys.tokenFor(String(key), onUnknownKey)}`
    return checkToken(request).catch((error: unknown) => {
      apiKeys.forget(String(key))
      throw error
    })
  }
