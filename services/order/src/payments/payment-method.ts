import { Type } from 'typebox'
import { Problem } from '../problems.ts'
import type { Providers } from './provider.ts'

/** How a customer wants to pay, as the API takes it. */
export const PaymentBody = Type.Object(
  {
    provider: Type.String({ minLength: 1, maxLength: 20, examples: ['sandbox'] }),
    token: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        examples: ['tok_ok'],
        description: 'what the provider gave for the card',
      }),
    ),
  },
  { title: 'PaymentMethod', examples: [{ provider: 'sandbox', token: 'tok_ok' }] },
)

export interface PaymentMethod {
  provider: string
  token: string | null
}

/** The method, if the shop takes it; `at` is where the request names it. */
export const choosePaymentMethod = (
  providers: Providers,
  { provider: name, token }: { provider: string; token?: string },
  at: string,
): PaymentMethod => {
  const provider = providers.get(name)
  if (!provider) {
    const known = [...providers.keys()].join(', ')
    const [detail, message] = known
      ? [`The shop takes payments by ${known}.`, `must be one of ${known}`]
      : ['The shop takes no payments yet.', 'is not on']
    throw new Problem('unknown-payment-provider', detail, {
      errors: [{ path: `${at}provider`, message }],
    })
  }
  if (provider.needsToken && token === undefined) {
    throw new Problem('unprocessable', `A payment by ${name} needs a token.`, {
      errors: [{ path: `${at}token`, message: 'is required' }],
    })
  }
  return { provider: name, token: token ?? null }
}
