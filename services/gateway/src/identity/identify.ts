import type { Auth, CheckToken } from '@storewright/service-kit/auth'
import { Problem } from '@storewright/service-kit/http'
import type { FastifyRequest } from 'fastify'
import type { ApiKeys } from './api-keys.ts'

/**
 * Who asks. An API key is exchanged for an access token, and the services see nothing but that: from here on the
 * request is as if it had come with the token.
 */
export const createIdentify =
  ({ checkToken, apiKeys }: { checkToken: CheckToken; apiKeys: ApiKeys }) =>
  async (request: FastifyRequest, unknownKey: () => void): Promise<Auth | null> => {
    const { authorization, 'x-api-key': key } = request.headers
    if (key === undefined) return authorization === undefined ? null : checkToken(request)
    if (authorization !== undefined) {
      throw new Problem('malformed-request', 'Send either an access token or an API key, not both.')
    }
    request.raw.headers.authorization = `Bearer ${await apiKeys.tokenFor(String(key), unknownKey)}`
    return checkToken(request).catch((error: unknown) => {
      apiKeys.forget(String(key))
      throw error
    })
  }
