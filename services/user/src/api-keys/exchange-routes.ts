import { Uuid } from '@storewright/contracts'
import { requireInternal } from '@storewright/service-kit/auth'
import { Problem, problemResponses, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import type { SignMachineToken } from '../keys/access-tokens.ts'
import { exchangeKey } from './exchange-key.ts'

export interface ExchangeContext {
  db: Db
  signMachineToken: SignMachineToken
  internalToken: string
  tokenTtlSeconds: number
}

/** For the gateway, which lets machines in. */
export const exchangeRoutes = (
  app: Server,
  { db, signMachineToken, internalToken, tokenTtlSeconds }: ExchangeContext,
) => {
  app.post(
    '/internal/api-keys/token',
    {
      onRequest: requireInternal(internalToken),
      schema: {
        operationId: 'exchangeApiKey',
        body: Type.Object({ key: Type.String({ maxLength: 200 }) }),
        response: {
          200: Type.Object({
            accessToken: Type.String({ maxLength: 8_192 }),
            expiresIn: Type.Integer({ minimum: 1, maximum: 300 }),
            apiKeyId: Uuid,
          }),
          ...problemResponses('invalid-api-key'),
        },
      },
    },
    async ({ body: { key } }) => {
      const exchanged = await exchangeKey(db, { key, tokenTtlSeconds }, new Date())
      if (!exchanged) throw new Problem('invalid-api-key', 'It is unknown, was revoked, or has expired.')
      const { apiKeyId, expiresIn } = exchanged
      return { accessToken: signMachineToken(exchanged), expiresIn, apiKeyId }
    },
  )
}
